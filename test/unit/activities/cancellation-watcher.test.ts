import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { cancellationWatcher } from "../../../src/activities/cancellation-watcher.ts";
import { announcedJobs } from "../../../src/adapters/storage/announced-jobs.ts";
import { FakeClock, MemoryCancellationNotices, MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";

async function aWatchedJob(pauses = { noticesMs: 5, jobMs: 60_000 }) {
  const diary: string[] = [];
  const stored = new MemoryJobStore(diary);
  const methods = ["create", "end", "hasEnded"] as const;
  const bound = Object.fromEntries(methods.map((name) => [name, stored[name].bind(stored)]));
  const jobs = announcedJobs(Object.assign(Object.create(stored) as MemoryJobStore, bound));
  const notices = new MemoryCancellationNotices();
  const clock = new FakeClock();
  const job = aJob({ status: "running" });
  await jobs.create(job);
  const endBy = (store: Pick<MemoryJobStore, "end">) =>
    store.end(job.id, async () => ({
      end: { status: "canceled", finishedAt: "2026-01-02T03:04:09.000Z" },
      slots: [],
    }));
  const looks = () => diary.filter((operation) => operation === "hasEnded").length;
  const ends = cancellationWatcher({ jobs, notices, clock }, pauses);
  return {
    id: job.id,
    looks,
    ends,
    notices,
    clock,
    removeJob: () => stored.removeJob(job.id),
    end: () => endBy(jobs),
    /** As another instance does it. */
    endElsewhere: () => endBy(stored),
  };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

it("anyone who follows a job hears at once of an end that this instance writes", async () => {
  const { id, end, ends, looks } = await aWatchedJob({ noticesMs: 60_000, jobMs: 60_000 });
  const [one, other] = [ends.watch(id), ends.watch(id)];
  expect(one.signal.aborted).toBe(false);
  await end();
  expect([one.signal.aborted, other.signal.aborted, looks()]).toEqual([true, true, 0]);
});

it("a cancellation by another instance is heard of by its notice, also once the job was deleted", async () => {
  const { id, endElsewhere, ends, notices, clock, removeJob, looks } = await aWatchedJob();
  const other = ends.watch("job_other");
  const { signal } = ends.watch(id);
  await endElsewhere();
  removeJob();
  await notices.publish(id, clock.now());
  await aborted(signal);
  expect([other.signal.aborted, looks()]).toEqual([false, 0]);
});

it("an end without a notice is found by a look at the job", async () => {
  const { id, endElsewhere, ends } = await aWatchedJob({ noticesMs: 5, jobMs: 0 });
  const { signal } = ends.watch(id);
  await endElsewhere();
  await aborted(signal);
});

it("jobs are looked at one time in many, and the last to leave ends it", async () => {
  const { id, ends, looks, clock } = await aWatchedJob({ noticesMs: 5, jobMs: 10_000 });
  const watched = Array.from({ length: 50 }, () => ends.watch(id));
  await sleep(50);
  expect(looks()).toBe(0);
  clock.pass(10_000);
  while (looks() < 1) await sleep(5);
  await sleep(50);
  expect(looks()).toBe(1);
  for (const { release } of watched) release();
  clock.pass(10_000);
  await sleep(50);
  expect(looks()).toBe(1);
});

it("storage that is away for a moment is no end", async () => {
  const { id, endElsewhere, ends, notices, clock } = await aWatchedJob();
  notices.outage.of("since");
  const { signal } = ends.watch(id);
  await endElsewhere();
  await notices.publish(id, clock.now());
  await sleep(50);
  expect(signal.aborted).toBe(false);
  notices.outage.end();
  await aborted(signal);
});
