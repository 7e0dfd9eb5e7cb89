import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Darkroom } from "../local/darkroom.ts";

/** A job whose end is told on the second try. Returns its id; its delivery has ended by then. */
export async function recordWebhook({ url, key }: Darkroom, name: string, receiver: string): Promise<string> {
  const headers = { "api-key": key ?? "", "content-type": "application/json" };
  const body = JSON.stringify({ model: "dall-e-3", prompt: name, webhook_url: receiver });
  const answer = await fetch(`${url}/api/images/generations`, { method: "POST", headers, body });
  const { id } = (await answer.json()) as { id: string };
  for (;;) {
    const list = await fetch(`${url}/api/jobs/${id}/deliveries`, { headers });
    const { deliveries } = (await list.json()) as { deliveries: { status: string }[] };
    if (deliveries.some(({ status }) => status === "delivered")) return id;
    await sleep(200);
  }
}

/** A job that a workflow's run waits for, which is told of its end. Returns the job's id, once the run has been told. */
export async function recordCallback(
  { url, key }: Darkroom,
  name: string,
  receiver: { url: string; posts: () => number },
): Promise<string> {
  const headers = { "api-key": key ?? "", "content-type": "application/json" };
  const body = JSON.stringify({
    deployment: "dalle3",
    prompt: name,
    callbackUrl: `${receiver.url}/callback`,
  });
  const address = `${url}/api/connector/images/generations/callback`;
  const postsBefore = receiver.posts();
  const answer = await fetch(address, { method: "POST", headers, body });
  const { jobId } = (await answer.json()) as { jobId: string };
  // The first POST of all fails.
  while (receiver.posts() < Math.max(postsBefore + 1, 2)) await sleep(200);
  return jobId;
}

/** Fails the first POST and takes the others. */
export async function openReceiver(): Promise<{ url: string; posts: () => number; close: () => void }> {
  let posts = 0;
  const server = createServer((request, response) => {
    posts += 1;
    request.resume();
    response.writeHead(posts === 1 ? 500 : 204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, posts: () => posts, close: () => server.close() };
}
