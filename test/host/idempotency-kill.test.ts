import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { TableClient } from "@azure/data-tables";
import { expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { LiveDarkroom } from "../support/darkroom.ts";

const keys = 40;
const duplicates = 20;
// Of these, so many at a time; during some of such waves the host is killed.
const keysAtOnce = 10;
const waves = Array.from({ length: keys / keysAtOnce }, (_, wave) => wave);
const deadly = [0, 1, 2];

it("40 keys, each sent twenty times at once while the host is killed, make 40 jobs and 40 bills", async () => {
  const darkroom = new LiveDarkroom();
  let restarts = 0;
  await darkroom.start({ simulatorArgs: ["--latency-scale", "0.02"], onRestart: () => (restarts += 1) });
  try {
    const answers = Array.from({ length: keys }, () => new Set<string>());
    let fresh = 0;

    /** Sends the key's request until it is answered, as a client does that never gives up. */
    async function send(key: number, headers: Record<string, string> = {}): Promise<Job> {
      for (;;) {
        const imageParams = { model: "gpt-image-1", prompt: `${promptOf(key)} [[image-size=64x64]]` };
        const reply = await darkroom
          .post(imageParams, { ...headers, "idempotency-key": `order-${key}` })
          .catch(() => undefined);
        const body = await reply?.text().catch(() => undefined);
        if (reply && body !== undefined && reply.status < 500) {
          expect([200, 202]).toContain(reply.status);
          if (!reply.headers.has("idempotency-replayed")) fresh += 1;
          const job = JSON.parse(body) as Job;
          answers[key]?.add(job.id);
          return job;
        }
        await sleep(randomInt(300, 1_500));
      }
    }

    async function kill(): Promise<void> {
      const before = restarts;
      await sleep(randomInt(0, 1_500));
      process.kill(darkroom.running.hostPid(), "SIGKILL");
      while (restarts === before) await sleep(20);
    }

    for (const wave of waves) {
      const sent = Array.from({ length: keysAtOnce * duplicates }, (_, at) =>
        send(wave * keysAtOnce + (at % keysAtOnce)),
      );
      await Promise.all([...sent, ...(deadly.includes(wave) ? [kill()] : [])]);
    }
    expect(restarts).toBe(deadly.length);

    // Anyone who waits for a job asks on under its key; jobs that were cut off before their start are started by that.
    const jobs = await Promise.all(
      answers.map(async (_, key) => {
        for (;;) {
          const job = await send(key, { prefer: "wait=5" });
          if (job.status !== "queued" && job.status !== "running") return job;
        }
      }),
    );

    expect(answers.map(({ size }) => size)).toEqual(answers.map(() => 1));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(keys);
    expect(await recordedJobs(darkroom)).toEqual(jobs.map(({ id }) => id).sort());
    expect(fresh).toBeLessThanOrEqual(keys);
    for (const [key, job] of jobs.entries()) {
      expect(job).toMatchObject({ status: "succeeded", failures: [] });
      expect(job.request["prompt"]).toContain(promptOf(key));
    }

    const paid = await billed(darkroom);
    expect(paid.groups).toEqual(jobs.map((_, key) => promptOf(key)).sort());
    // A call that was cut off may have been sent again; if so, its job says it.
    const flagged = jobs.reduce((sum, job) => sum + (job.repeated_calls ?? 0), 0);
    expect(paid.calls - keys).toBeLessThanOrEqual(flagged);

    // The keys of finished jobs return them, and nothing is started.
    const again = await Promise.all(jobs.map(async (_, key) => send(key)));
    expect(again.map(({ id, status }) => [id, status])).toEqual(jobs.map(({ id }) => [id, "succeeded"]));
    expect(await billed(darkroom)).toEqual(paid);
    const other = await darkroom.post({ prompt: "another" }, { "idempotency-key": "order-0" });
    expect([other.status, await other.json()]).toMatchObject([
      422,
      { error: { code: "idempotencyMismatch" } },
    ]);
    expect(await recordedJobs(darkroom)).toHaveLength(keys);
  } finally {
    await darkroom.stop();
  }
}, 480_000);

const promptOf = (key: number) => `bill ${String(key).padStart(3, "0")}.`;

/** What the service did, and for which prompts. */
async function billed(darkroom: LiveDarkroom): Promise<{ calls: number; groups: string[] }> {
  const { calls } = await darkroom.ledger("bill ");
  const prompts = calls.map(({ prompt = "" }) => /bill \d+\./.exec(prompt)?.[0] ?? prompt);
  return { calls: calls.length, groups: [...new Set(prompts)].sort() };
}

/** As an operator sees them. */
async function recordedJobs(darkroom: LiveDarkroom): Promise<string[]> {
  const options = { allowInsecureConnection: true };
  const table = TableClient.fromConnectionString(darkroom.running.storage, "jobs", options);
  const ids: string[] = [];
  for await (const { rowKey = "" } of table.listEntities()) if (rowKey.startsWith("job_")) ids.push(rowKey);
  return ids.sort();
}
