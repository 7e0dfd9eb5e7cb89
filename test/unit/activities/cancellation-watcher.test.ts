import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { cancellationWatcher } from "../../../src/activities/cancellation-watcher.ts";
import { MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";

async function aWatchedJob() {
  const diary: string[] = [];
  const jobs = new MemoryJobStore(diary);
  const job = aJob({ status: "running" });
  await jobs.create(job);
  const end = () =>
    jobs.end(job.id, () => ({
      end: { status: "canceled", finishedAt: "2026-01-02T03:04:09.000Z" },
      slots: [],
    }));
  const looks = () => diary.filter((operation) => operation === "hasEnded").length;
  return { id: job.id, jobs, end, looks, ends: cancellationWatcher(jobs, 5) };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

it("anyone who follows a job hears of its end", async () => {
  const { id, end, ends } = await aWatchedJob();
  const [one, other] = [ends.watch(id), ends.watch(id)];
  await sleep(20);
  expect(one.signal.aborted).toBe(false);
  await end();
  await Promise.all([aborted(one.signal), aborted(other.signal)]);
});

it("a job that has ended already is heard of at once", async () => {
  const { id, end, ends } = await aWatchedJob();
  await end();
  await aborted(ends.watch(id).signal);
});

it("a job that was canceled and deleted between two looks is heard of", async () => {
  const { id, jobs, end, looks, ends } = await aWatchedJob();
  const { signal } = ends.watch(id);
  while (looks() < 2) await sleep(5);
  await end();
  jobs.removeJob(id);
  await aborted(signal);
});

it("followers of one job share one look, and the last to leave ends it", async () => {
  const { id, looks, ends } = await aWatchedJob();
  const watched = Array.from({ length: 50 }, () => ends.watch(id));
  expect(looks()).toBe(1);
  for (const { release } of watched) release();
  await sleep(20);
  const seen = looks();
  await sleep(40);
  expect(looks()).toBe(seen);
});

it("storage that is away for a moment is no end", async () => {
  const { id, jobs, end, looks, ends } = await aWatchedJob();
  jobs.outage.of("hasEnded");
  const { signal } = ends.watch(id);
  while (looks() < 3) await sleep(5);
  expect(signal.aborted).toBe(false);
  jobs.outage.end();
  await end();
  await aborted(signal);
});
