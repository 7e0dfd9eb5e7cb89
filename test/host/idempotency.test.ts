import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { afterEach, expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { aMask, aPicture, formOf } from "../support/edits.ts";

const darkroom = useDarkroom();
let lossy: Server | undefined;
afterEach(() => {
  lossy?.closeAllConnections();
  lossy?.close();
});

/** A way to Darkroom on which the first answers are lost, once Darkroom has given them. */
async function losingAnswers(count: number): Promise<{ url: string; lost: Job[] }> {
  const lost: Job[] = [];
  lossy = createServer((request, response) => {
    const relay = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const headers = new Headers(request.headers as Record<string, string>);
      // Of this hop alone; the next one has its own.
      for (const name of ["host", "connection", "content-length"]) headers.delete(name);
      const answer = await darkroom.fetch(request.url ?? "", {
        method: request.method ?? "GET",
        headers,
        body: Buffer.concat(chunks),
      });
      const text = await answer.text();
      if (lost.length < count) {
        lost.push(JSON.parse(text) as Job);
        request.socket.destroy();
        return;
      }
      const replayed = answer.headers.get("idempotency-replayed") ?? "";
      response.writeHead(answer.status, {
        "content-type": "application/json",
        "idempotency-replayed": replayed,
      });
      response.end(text);
    };
    relay().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => lossy?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(lossy.address() as AddressInfo).port}`, lost };
}

it("OpenAI's client, whose answers are lost twice, ends with the job of its first try, and it is billed once", async () => {
  const { url, lost } = await losingAnswers(2);
  const client = new OpenAI({ baseURL: `${url}/api`, apiKey: darkroom.running.key ?? "" });
  const wish = { model: "gpt-image-1", prompt: darkroom.unused("a lost answer") };
  const { data, response } = await client.images.generate(wish).withResponse();
  const { id } = data as unknown as Job;
  expect([...lost.map((job) => job.id), id]).toEqual([id, id, id]);
  expect(response.headers.get("idempotency-replayed")).toBe("true");
  await darkroom.ended(id);
  expect(await darkroom.calls("a lost answer")).toHaveLength(1);

  // Asked for again by the user, not by the client: another picture is wanted.
  const again = (await client.images.generate(wish)) as unknown as Job;
  expect(again.id).not.toBe(id);
  await darkroom.ended(again.id);
  expect(await darkroom.calls("a lost answer")).toHaveLength(2);
});

it("a key brings back an edit that was sent as a form, also while waiting for it, and refuses another file; a deleted job's key makes no other", async () => {
  const [image, other, mask] = await Promise.all([aPicture(1), aPicture(2), aMask()]);
  const send = async (bytes: Buffer, headers: Record<string, string> = {}) =>
    darkroom.fetch("/api/images/edits", {
      method: "POST",
      headers: { "idempotency-key": darkroom.unused("an-edit"), ...headers },
      body: formOf({ images: [bytes], mask, fields: { prompt: "an edit once" } }),
    });
  const replies = await Promise.all([1, 2, 3].map(async () => send(image, { prefer: "wait=30" })));
  const jobs = await Promise.all(replies.map(async (reply) => (await reply.json()) as Job));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  expect(jobs.map(({ status, images }) => [status, images.length])).toEqual(jobs.map(() => ["succeeded", 1]));
  expect(replies.filter(({ headers }) => headers.get("idempotency-replayed") === "true")).toHaveLength(2);

  const late = await send(image);
  expect([late.status, ((await late.json()) as Job).id]).toEqual([200, jobs[0]?.id]);
  const refused = await send(other);
  expect([refused.status, await refused.json()]).toMatchObject([
    422,
    { error: { code: "idempotencyMismatch" } },
  ]);

  const removed = await darkroom.fetch(`/api/jobs/${jobs[0]?.id ?? ""}`, { method: "DELETE" });
  expect(removed.status).toBe(204);
  const gone = await send(image);
  expect([gone.status, await gone.json()]).toMatchObject([410, { error: { code: "expired" } }]);
  expect(await darkroom.calls("an edit once")).toHaveLength(1);
});
