import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { skipWhenAimed } from "../../support/aim.ts";
import { LiveDarkroom } from "../../support/darkroom.ts";

/** The process that waits for a client dies; what the client sends again finds the job by a lease that ran out. */

skipWhenAimed("kills the host");
const darkroom = new LiveDarkroom();
let restarts = 0;
beforeAll(async () => darkroom.start({ onRestart: () => (restarts += 1) }));
afterAll(async () => darkroom.stop());

const answered = async () =>
  darkroom.fetch("/api/health").then(
    ({ ok }) => ok,
    () => false,
  );

it.each<[string, Record<string, string>]>([
  ["a client without ids", {}],
  ["a client that says it retries", { "x-stainless-retry-count": "1" }],
])("a kill of the host costs %s one bill", async (_who, headers) => {
  const prompt = darkroom.unused(`killed ${randomUUID()} [[latency=3000]]`);
  const asked = { model: "gpt-image-1", prompt };
  const first = darkroom.postJson("/v1/images/generations", asked).catch(() => undefined);
  while ((await darkroom.calls(prompt)).length === 0) await sleep(20);
  const before = restarts;
  process.kill(darkroom.running.hostPid(), "SIGKILL");
  expect(await first).toBeUndefined();
  while (restarts === before || !(await answered())) await sleep(50);
  // Longer than the lease: a request without ids can't be told from another request before that.
  if (Object.keys(headers).length === 0) await sleep(6_500);
  const again = await darkroom.postJson("/v1/images/generations", asked, headers);
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(((await again.json()) as { data: object[] }).data).toHaveLength(1);
  const { jobs } = (await (await darkroom.fetch("/api/jobs")).json()) as {
    jobs: { request: { prompt: string } }[];
  };
  expect(jobs.filter(({ request }) => request.prompt === prompt)).toHaveLength(1);
});
