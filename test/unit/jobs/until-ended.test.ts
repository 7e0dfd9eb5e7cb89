import { describe, expect, it } from "vitest";
import { jobBell } from "../../../src/jobs/job-bell.ts";
import { untilEnded } from "../../../src/jobs/until-ended.ts";
import { systemClock } from "../../../src/adapters/node/system-clock.ts";
import { announcedJobs } from "../../../src/adapters/storage/announced-jobs.ts";
import { MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { storedSlot } from "../../support/slots.ts";

const anHour = 3_600_000;
const finishedAt = "2026-01-02T03:04:09.000Z";

/** A store whose own writes are told, and the same one behind the back of the one who listens, as another instance has it. */
async function aJobOfTwoInstances() {
  const diary: string[] = [];
  const elsewhere = new MemoryJobStore(diary);
  const methods = ["append", "settleCall", "settleSlots", "end", "read", "readProgress"] as const;
  const bound = Object.fromEntries(methods.map((name) => [name, elsewhere[name].bind(elsewhere)]));
  const recall = (jobId: string) => {
    diary.push("recall");
    return elsewhere.recall(jobId);
  };
  const jobs = announcedJobs(Object.assign(Object.create(elsewhere) as MemoryJobStore, { ...bound, recall }));
  const job = aJob({ status: "running" });
  await elsewhere.create(job);
  const reads = () => diary.filter((operation) => /^(recall|read)/.test(operation)).length;
  const end = async () => ({ end: { status: "succeeded" as const, finishedAt }, slots: [storedSlot(0)] });
  return { id: job.id, jobs, elsewhere, reads, end };
}

const wait = { seconds: 60, onFailure: (error: unknown) => expect(error).toBeUndefined() };

describe("a wait for a job's end", () => {
  it("is over when this instance ends the job, having asked the storage for that alone", async () => {
    const { id, jobs, reads, end } = await aJobOfTwoInstances();
    const waiting = untilEnded({ jobs, clock: systemClock }, id, wait);
    const before = reads();
    // What is written on the way is no end, and no reason to ask.
    await jobs.append(id, { type: "job.running" });
    await new Promise(setImmediate);
    await jobs.end(id, end);
    const [job, { slots }] = (await waiting) ?? [undefined, { slots: [] }];
    expect([job?.status, slots.length]).toEqual(["succeeded", 1]);
    // What is remembered, which is the record and its slots here: nothing was asked before it was worth it.
    expect(reads() - before).toBe(3);
  });

  it("is over when another instance ends it", async () => {
    const { id, jobs, elsewhere, end } = await aJobOfTwoInstances();
    const waiting = untilEnded({ jobs, clock: systemClock }, id, wait);
    await elsewhere.end(id, end);
    expect((await waiting)?.[0].status).toBe("succeeded");
  });

  it("outlives storage that is away, is told of that, and is over when stopped", async () => {
    const { id, jobs, elsewhere } = await aJobOfTwoInstances();
    const failed = Promise.withResolvers<unknown>();
    const gone = new AbortController();
    elsewhere.outage.of("read");
    const onFailure = failed.resolve;
    const waiting = untilEnded({ jobs, clock: systemClock }, id, {
      seconds: 60,
      stopped: gone.signal,
      onFailure,
    });
    expect(await failed.promise).toBeInstanceOf(Error);
    gone.abort();
    expect(await waiting).toBeUndefined();
  });
});

describe("a job's bell", () => {
  it("rings for each write of this instance, also for one while nobody waits", async () => {
    const { id, jobs } = await aJobOfTwoInstances();
    const bell = jobBell(jobs, id);
    await jobs.append(id, { type: "job.running" });
    await bell.ring(anHour);
    const next = bell.ring(anHour);
    await jobs.settleSlots(id, [storedSlot(0)]);
    await next;
    bell.put();
  });

  it("is silent about other jobs, says what it rang for, and is silent once put", async () => {
    const { id, jobs, elsewhere, end } = await aJobOfTwoInstances();
    const other = aJob();
    await elsewhere.create(other);
    const bell = jobBell(jobs, id);
    await jobs.end(other.id, end);
    await jobs.append(id, { type: "job.running" });
    await jobs.end(id, end);
    const heard = await bell.ring(anHour);
    bell.put();
    await jobs.end(id, end);
    expect([...heard]).toEqual(["event", "end"]);
  });
});
