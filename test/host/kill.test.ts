import { createHash, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { LiveDarkroom } from "../support/darkroom.ts";

const kills = 6;
const requests = [
  { model: "dall-e-2", n: 3, size: "256x256", count: 7, calls: 1 },
  { model: "gpt-image-1", n: 4, size: "1024x1024", count: 7, calls: 1 },
  { model: "dall-e-3", n: 2, size: "1024x1024", count: 6, calls: 2 },
];

it("twenty jobs survive six kills of the host: each ends once, with the right images, and what was paid twice is flagged", async () => {
  const darkroom = new LiveDarkroom();
  let restarts = 0;
  await darkroom.start({ simulatorArgs: ["--latency-scale", "1"], onRestart: () => (restarts += 1) });
  try {
    // Eight jobs at first, then two before each kill: every kill finds some at their beginning, some under way.
    const prompts = requests.flatMap(({ count, ...imageParams }) =>
      Array.from({ length: count }, () => imageParams),
    );
    const waiting = prompts
      .map((imageParams, index) => ({ imageParams, index }))
      .sort((a, b) => hashed(a.index) - hashed(b.index));
    const accepted: Job[] = [];
    const accept = async () => {
      const next = waiting.shift();
      if (!next) return;
      const { model, n, size } = next.imageParams;
      const prompt = `kill ${next.index} [[latency=${randomInt(300, 1_500)}]]`;
      accepted.push(await darkroom.accept({ model, n, size, prompt }));
    };
    for (let job = 0; job < 8; job += 1) await accept();
    const seen = new Map<string, string>();
    const noteStatus = (job: Job) => {
      const before = seen.get(job.id);
      // Status never moves back, and an end is an end.
      if (before === "succeeded" || before === "failed") expect(job.status).toBe(before);
      seen.set(job.id, job.status);
    };

    for (let kill = 0; kill < kills; kill += 1) {
      await accept();
      await accept();
      await sleep(randomInt(100, 2_500));
      process.kill(darkroom.running.hostPid(), "SIGKILL");
      while (restarts <= kill) await sleep(20);
      await untilAnswering(darkroom);
      for (const { id } of accepted) noteStatus(await darkroom.job(id));
    }
    const jobs = await Promise.all(accepted.map(({ id }) => darkroom.ended(id)));
    jobs.forEach(noteStatus);

    for (const job of jobs) {
      expect(job).toMatchObject({ status: "succeeded", failures: [] });
      const indexes = job.images.map(({ index }) => index);
      expect(indexes).toEqual(Array.from({ length: Number(job.request["n"]) }, (_, index) => index));
      for (const { url, sha256, width, height } of job.images) {
        const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
        expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
        expect(`${width}x${height}`).toBe(job.request["size"]);
      }
    }

    const slots = requests.reduce((sum, { n, count }) => sum + n * count, 0);
    const planned = requests.reduce((sum, { calls, count }) => sum + calls * count, 0);
    const { calls, operations } = await darkroom.ledger("kill ");
    const generations = calls.filter(({ route }) => route === "generate");
    const paid = generations.length + operations.length;
    expect(paid).toBeLessThanOrEqual(slots + kills);
    const flagged = jobs.reduce((sum, job) => sum + (job.repeated_calls ?? 0), 0);
    expect(paid - planned).toBeLessThanOrEqual(flagged);
    // One operation for each DALL-E 2 job, however often its submit was repeated.
    expect(operations).toHaveLength(requests[0]?.count ?? 0);
  } finally {
    await darkroom.stop();
  }
}, 300_000);

/** Mixes the models' jobs in an order that is the same each time. */
function hashed(index: number): number {
  return (index * 7) % 20;
}

async function untilAnswering(darkroom: LiveDarkroom): Promise<void> {
  for (;;) {
    const answered = await darkroom.fetch("/api/health").catch(() => undefined);
    if (answered?.ok) return;
    await sleep(20);
  }
}
