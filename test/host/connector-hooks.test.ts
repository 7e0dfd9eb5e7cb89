import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { ImageJob, ImageOutcome } from "../../src/connector/contracts/schemas.ts";
import { useHookedDarkroom } from "../support/hooked-darkroom.ts";

/** What no workflow can play (connector/webhooks.ts has the rest): posts at the same moment, and a host that dies. */

const { darkroom, receiver, restarts } = useHookedDarkroom();

const callbackOf = (name: string) => `${receiver.origin}/${name}?sp=run&sig=s3cret`;
const postsTo = (name: string) => receiver.received.filter(({ path }) => path.startsWith(`/${name}?`));

async function post(path: string, body: object): Promise<Response> {
  const reply = await darkroom.postJson(`/api/connector${path}`, body);
  expect(reply.status).toBe(201);
  return reply;
}

async function wait(name: string, imageParams: object = {}) {
  const body = {
    prompt: `a ${name} kite`,
    deployment: "gpt-image",
    callbackUrl: callbackOf(name),
    ...imageParams,
  };
  const reply = await post("/images/generations/callback", body);
  const { jobId } = (await reply.json()) as ImageJob;
  return { jobId, location: reply.headers.get("location") };
}

/** Jobs that the address was told of, once there are any; the test's own time-out is the limit. */
async function notifiedOf(name: string): Promise<string[]> {
  while (postsTo(name).length === 0) await sleep(30);
  return postsTo(name).map(({ body }) => (JSON.parse(body) as ImageOutcome).jobId);
}

it("an action that is posted twice at once is one job, one bill and one address", async () => {
  const [first, second] = await Promise.all([wait("twice"), wait("twice")]);
  expect(second).toEqual(first);
  expect(await notifiedOf("twice")).toEqual([first.jobId]);
  expect(await darkroom.calls("a twice kite")).toHaveLength(1);
  expect((await darkroom.ledger("a twice kite")).totals.images_billed).toBe(1);
});

it("a run that gave up and comes back is told, though a try found nobody meanwhile", async () => {
  let isBack = false;
  receiver.answer = (_received, response) => response.writeHead(isBack ? 202 : 500).end();
  const { jobId, location } = await wait("returned");
  await notifiedOf("returned");
  expect((await fetch(location ?? "", { method: "DELETE" })).status).toBe(204);
  // The second try is due five seconds after the first.
  await sleep(7_000);
  isBack = true;
  expect(await wait("returned")).toEqual({ jobId, location });
  while (postsTo("returned").length < 2) await sleep(30);
  expect(await notifiedOf("returned")).toEqual([jobId, jobId]);
});

it("a host that is killed between jobs' ends and their telling tells all of them", async () => {
  // Nobody is answered before the host has been killed: whatever was sent until then has to be sent again.
  receiver.answer = ({ path }, response) => {
    if (!/^\/(killed|witness)/.test(path) || restarts() > 0) response.writeHead(202).end();
  };
  await post("/hooks/images", { callbackUrl: callbackOf("witness"), tag: "killed" });
  const names = Array.from({ length: 5 }, (_, index) => `killed-${index}`);
  const jobs = await Promise.all(
    names.map((name, index) =>
      wait(name, { prompt: `a ${name} kite [[latency=${index * 150}]]`, tags: ["killed"] }),
    ),
  );
  await darkroom.ended(jobs[0]?.jobId ?? "");
  process.kill(darkroom.running.hostPid(), "SIGKILL");
  while (restarts() === 0) await sleep(20);
  const ids = jobs.map(({ jobId }) => jobId);
  for (const [index, name] of names.entries()) expect(await notifiedOf(name)).toContain(ids[index]);
  while (!ids.every((id) => postsTo("witness").some(({ body }) => body.includes(id)))) await sleep(50);
  expect(await darkroom.calls("a killed-0 kite")).toHaveLength(1);
});
