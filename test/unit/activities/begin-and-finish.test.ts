import { describe, expect, it } from "vitest";
import { beginJobWith } from "../../../src/activities/begin-job.ts";
import { failSlotsWith } from "../../../src/activities/fail-slots.ts";
import { finishJobWith } from "../../../src/activities/finish-job.ts";
import { errorInfo } from "../../../src/domain/app-error.ts";
import type { CallRecord, JobRecord, SlotRecord } from "../../../src/ports/records.ts";
import { FakeClock, MemoryImageStore, MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

async function aStore(change: Partial<JobRecord>, slots: SlotRecord[] = [], calls: CallRecord[] = []) {
  const clock = new FakeClock("2026-03-04T05:06:07.000Z");
  const jobs = new MemoryJobStore();
  const images = new MemoryImageStore();
  const job = aJob({ request: { prompt: "a cat", n: 3, size: "1024x1024" }, ...change });
  await jobs.create(job);
  jobs.arrange(job.id, { call: 9, inDoubt: [], duplicates: [] }, slots);
  for (const call of calls) jobs.arrange(job.id, call, []);
  const step = { jobId: job.id };
  return {
    clock,
    jobs,
    images,
    begin: async () => beginJobWith({ jobs, clock })(step),
    finish: async () => finishJobWith({ jobs, images, clock })(step),
    job: async () => jobs.read(job.id),
    slots: async () => (await jobs.readProgress(job.id)).slots,
    fail: async (indexes: number[]) =>
      failSlotsWith({ jobs, images })({
        jobId: job.id,
        slots: indexes,
        failure: errorInfo("throttled", "Later."),
      }),
  };
}

describe("beginning a job", () => {
  it("marks it as running, from the first time on", async () => {
    const store = await aStore({});
    expect(await store.begin()).toEqual({ proceed: true });
    store.clock.pass(5_000);
    expect(await store.begin()).toEqual({ proceed: true });
    expect(await store.job()).toMatchObject({ status: "running", startedAt: "2026-03-04T05:06:07.000Z" });
  });

  it.each(["succeeded", "failed", "canceled"] as const)(
    "that has %s leaves it and goes no further",
    async (status) => {
      const store = await aStore({ status });
      expect(await store.begin()).toEqual({ proceed: false });
      expect(await store.job()).toMatchObject({ status });
    },
  );
});

describe("finishing a job", () => {
  it("with an image is a success, and tells which images there are", async () => {
    const store = await aStore({ status: "running" }, [storedSlot(2), failedSlot(0), failedSlot(1)]);
    expect(await store.finish()).toEqual({ images: [2] });
    expect(await store.job()).toMatchObject({ status: "succeeded", finishedAt: "2026-03-04T05:06:07.000Z" });
    expect(await store.job()).not.toHaveProperty("failure");
  });

  it("without one is a failure, by the commonest reason", async () => {
    const slots = [failedSlot(0, "throttled"), failedSlot(1), failedSlot(2)];
    const store = await aStore({ status: "running" }, slots);
    expect(await store.finish()).toEqual({ images: [] });
    expect(await store.job()).toMatchObject({ status: "failed", failure: { code: "contentFilter" } });
  });

  it("gives a slot that nothing is known of its reason too, so that every image is accounted for", async () => {
    const store = await aStore({ status: "running" }, [storedSlot(0), failedSlot(1)]);
    await store.finish();
    expect(await store.slots()).toMatchObject([
      { index: 0, state: "stored" },
      { index: 1, state: "failed", failure: { code: "contentFilter" } },
      { index: 2, state: "failed", failure: { code: "internal" } },
    ]);
  });

  it("twice leaves it as it first ended", async () => {
    const store = await aStore({ status: "running" }, [storedSlot(0)]);
    await store.finish();
    const ended = await store.job();
    store.clock.pass(5_000);
    expect(await store.finish()).toEqual({ images: [0] });
    expect(await store.job()).toEqual(ended);
  });

  it("that was canceled leaves it canceled", async () => {
    const store = await aStore({ status: "canceled" }, [storedSlot(0)]);
    await store.finish();
    expect(await store.job()).toMatchObject({ status: "canceled" });
    expect(await store.slots()).toHaveLength(1);
  });

  it("that is gone does nothing", async () => {
    const deps = { jobs: new MemoryJobStore(), images: new MemoryImageStore(), clock: new FakeClock() };
    expect(await finishJobWith(deps)({ jobId: aJob().id })).toEqual({ images: [] });
  });

  it("sums what its calls used and how many were repeated", async () => {
    const usage = (n: number) => ({ input_tokens: n, output_tokens: 10 * n, total_tokens: 11 * n });
    const store = await aStore(
      { status: "running" },
      [storedSlot(0)],
      [
        { call: 0, inDoubt: [], duplicates: ["a2"], usage: usage(1) },
        { call: 1, inDoubt: ["b3"], duplicates: ["b2", "b3"], outcome: { kind: "stored" } },
        { call: 2, inDoubt: [], duplicates: [], usage: usage(2) },
      ],
    );
    await store.finish();
    expect(await store.job()).toMatchObject({
      repeatedCalls: 3,
      usage: { input_tokens: 3, output_tokens: 30, total_tokens: 33 },
    });
  });

  it("says nothing of usage and repeated calls where there were none", async () => {
    const store = await aStore({ status: "running" }, [storedSlot(0)]);
    await store.finish();
    const job = await store.job();
    expect([job?.usage, job?.repeatedCalls]).toEqual([undefined, undefined]);
  });
});

it("failing slots leaves those alone that something is known of, and may be done twice", async () => {
  const store = await aStore({}, [storedSlot(0), failedSlot(1)]);
  expect([await store.fail([0, 1, 2]), await store.fail([2])]).toEqual([{ done: true }, { done: true }]);
  expect(await store.slots()).toMatchObject([
    { state: "stored" },
    { failure: { code: "contentFilter" } },
    { failure: { code: "throttled" } },
  ]);
});
