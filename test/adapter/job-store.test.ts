import { failedSlots } from "../../src/activities/store-image.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { markAnswered, undoAttempt } from "../../src/domain/call-attempts.ts";
import { errorInfo } from "../../src/domain/app-error.ts";
import type { JobStore } from "../../src/ports/jobs.ts";
import type { CallRecord, JobEnd, JobRecord, SlotRecord } from "../../src/ports/records.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { aJob } from "../support/jobs.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let store: JobStore;
beforeAll(() => {
  store = tableJobStore(azurite.clients().tables);
});

const storedSlot = (index: number): SlotRecord => ({
  state: "stored",
  index,
  blob: `x/${index}.png`,
  contentType: "image/png",
  width: 1024,
  height: 1024,
  bytes: 10,
  sha256: "00",
  revisedPrompt: "a fine cat",
});

const failedInfo = errorInfo("contentFilter", "no");
const failedSlot = (index: number): SlotRecord => ({ state: "failed", index, failure: failedInfo });
const settled = { call: 0, inDoubt: [], duplicates: [], outcome: { kind: "stored" as const } };

describe("a job's row", () => {
  // Azurite takes a body apart at 64 KB without regard for characters of several bytes; the service doesn't.
  it.each(["x".repeat(32_000), "€".repeat(16_000)])(
    "gives back what was put in, however long the prompt is",
    async (prompt) => {
      const job = aJob({ tags: ["a"], metadata: { order: "7" } });
      job.request.prompt = prompt;
      await store.create(job);
      expect(await store.read(job.id)).toEqual(job);
    },
  );

  it("gives back an edit's inputs, arrived and awaited, with the longest names there are", async () => {
    const input = {
      blob: "x".repeat(1_000),
      contentType: "image/png",
      width: 1,
      height: 2,
      bytes: 3,
      sha256: "ab",
    };
    const awaited = {
      param: "image",
      container: "edit-inbox" as const,
      blob: `ä"€${"x".repeat(300)}`,
      etag: "0x1",
    };
    const job = aJob({
      kind: "edit",
      inputs: { images: [input, input], mask: input },
      awaits: {
        images: Array.from({ length: 16 }, () => awaited),
        mask: awaited,
        until: "2026-01-02T03:14:05.678Z",
      },
      inbox: { blob: "in/a.json", modifiedAt: "2026-01-02T03:04:05.000Z" },
    });
    await store.create(job);
    expect(await store.read(job.id)).toEqual(job);
  });

  it("is created once", async () => {
    const job = aJob();
    await store.create(job);
    const another = { ...job, createdAt: "2026-01-02T03:04:05.679Z" };
    await expect(store.create(another)).rejects.toMatchObject({ code: "conflict" });
  });

  it("that met itself, since the answer to its first writing was lost, is no conflict", async () => {
    const job = aJob();
    await store.create(job);
    await expect(store.create(job)).resolves.toBeUndefined();
  });

  it.each(["job_nonsense", "../x", aJob().id])("is not found under %s", async (id) => {
    expect(await store.read(id)).toBeUndefined();
  });
});

const startedAt = "2026-01-02T03:04:06.000Z";
const endOf = (job: JobRecord, status: JobEnd["status"], finishedAt = "now") =>
  store.end(job.id, async () => ({ end: { status, finishedAt }, slots: [] }));

describe("a job's status", () => {
  it("moves forward with its facts", async () => {
    const job = aJob();
    await store.create(job);
    expect(await store.begin(job.id, startedAt)).toEqual({ ...job, status: "running", startedAt });
    expect(await store.read(job.id)).toEqual({ ...job, status: "running", startedAt });
    const facts = { failure: failedInfo, repeatedCalls: 1, unansweredCalls: 2 };
    const end = { status: "failed" as const, finishedAt: "2026-01-02T03:04:07.000Z", ...facts };
    await store.end(job.id, async () => ({ end, slots: [] }));
    expect(await store.read(job.id)).toEqual({ ...job, startedAt, ...end });
  });

  it("never moves back, nor changes its facts when it may not move", async () => {
    const job = aJob();
    await store.create(job);
    await store.begin(job.id, startedAt);
    expect(await store.begin(job.id, "later")).toMatchObject({ status: "running", startedAt });
    await endOf(job, "succeeded", "first");
    expect(await endOf(job, "failed", "second")).toMatchObject({ job: { status: "succeeded" } });
    expect(await store.begin(job.id, "later")).toBeUndefined();
    expect(await store.read(job.id)).toMatchObject({ status: "succeeded", startedAt, finishedAt: "first" });
  });

  it("has one winner when two writers race, on one instance or on several", async () => {
    const job = aJob();
    await store.create(job);
    const elsewhere = tableJobStore(azurite.clients().tables);
    await elsewhere.begin(job.id, startedAt);
    const canceled = { end: { status: "canceled" as const, finishedAt: "now" }, slots: [] };
    const ends = await Promise.all([
      endOf(job, "succeeded"),
      endOf(job, "failed"),
      elsewhere.end(job.id, async () => canceled),
    ]);
    expect(new Set(ends.map((end) => end?.job.status)).size).toBe(1);
  });

  it("is canceled before the job begins, or after, when both happen at once on two instances", async () => {
    for (let round = 0; round < 10; round += 1) {
      const job = aJob();
      await store.create(job);
      const elsewhere = tableJobStore(azurite.clients().tables);
      const [begun] = await Promise.all([elsewhere.begin(job.id, startedAt), endOf(job, "canceled")]);
      expect(await store.read(job.id)).toMatchObject({ status: "canceled" });
      expect(await store.hasEnded(job.id)).toBe(true);
      const events = (await store.readEvents(job.id, 1)).map(({ type }) => type);
      expect(events.at(-1)).toBe("job.canceled");
      if (begun?.status === "running") expect(events).toEqual(["job.running", "job.canceled"]);
    }
  });
});

describe("amending a job", () => {
  const inputs = {
    images: [{ blob: "x", contentType: "image/png", width: 1, height: 2, bytes: 3, sha256: "ab" }],
  };

  it("merges facts and leaves all others as they are, the status too", async () => {
    const job = aJob({ awaits: { images: [], until: "2026-01-02T03:14:05.678Z" }, tags: ["a"] });
    await store.create(job);
    expect(await store.amend(job.id, { inputs })).toEqual({ ...job, inputs });
    expect(await store.read(job.id)).toEqual({ ...job, inputs });
    expect(await store.amend(job.id, { inputs })).toEqual({ ...job, inputs });
  });

  it("changes nothing of one that has ended", async () => {
    const job = aJob();
    await store.create(job);
    await endOf(job, "failed");
    expect(await store.amend(job.id, { inputs })).toEqual({ ...job, status: "failed", finishedAt: "now" });
    expect(await store.read(job.id)).not.toHaveProperty("inputs");
  });

  it("loses nothing to a step that moves the job at the same time", async () => {
    const job = aJob();
    await store.create(job);
    await Promise.all([store.amend(job.id, { inputs }), store.begin(job.id, startedAt)]);
    expect(await store.read(job.id)).toMatchObject({ status: "running", startedAt, inputs });
  });

  it("that isn't there is refused", async () => {
    await expect(store.amend(aJob().id, { inputs })).rejects.toMatchObject({ code: "notFound" });
  });
});

describe("open jobs", () => {
  it("are those that have not ended, from before a time", async () => {
    const [old, ended, young] = [aJob(), aJob(), aJob({ createdAt: "2026-05-01T00:00:00.000Z" })];
    for (const job of [old, ended, young]) await store.create(job);
    await endOf(ended, "failed");
    const open: string[] = [];
    for await (const job of store.listOpen(new Date("2026-04-01T00:00:00.000Z"))) open.push(job.id);
    expect(open).toContain(old.id);
    expect(open).not.toContain(ended.id);
    expect(open).not.toContain(young.id);
  });
});

async function aRunningJob(): Promise<JobRecord> {
  const job = aJob();
  await store.create(job);
  await store.begin(job.id, startedAt);
  return job;
}

/** As a step does it, which looks at the record first. */
async function begin(job: JobRecord, attempt: string, by = store): Promise<CallRecord> {
  for (;;) {
    const [seen] = (await by.readProgress(job.id)).calls;
    const begun = await by.beginAttempt(job.id, 0, attempt, seen);
    if (begun.kind === "begun") return begun.record;
    expect(begun.kind).toBe("changed");
  }
}

describe("a call's record", () => {
  it("knows a first attempt, and a second over it as a duplicate", async () => {
    const job = await aRunningJob();
    const [first, second] = [await begin(job, "a1"), await begin(job, "a2")];
    expect(first).toEqual({ call: 0, inDoubt: ["a1"], duplicates: [] });
    expect(second).toEqual({ call: 0, inDoubt: ["a1", "a2"], duplicates: ["a2"] });
  });

  it("knows an attempt once, however often its beginning is written", async () => {
    const job = await aRunningJob();
    const [first, again] = [await begin(job, "a1"), await begin(job, "a1")];
    expect(again).toEqual(first);
  });

  it("stays as it is once its outcome is known, however late another delivery comes", async () => {
    const job = await aRunningJob();
    await store.beginAttempt(job.id, 0, "a1", undefined);
    await store.settleCall(job.id, 0, () => settled, [storedSlot(0), storedSlot(1)]);
    expect(await store.beginAttempt(job.id, 0, "a2", undefined)).toEqual({ kind: "changed" });
    const refused = { ...settled, outcome: { kind: "refused" as const } };
    expect(await store.settleCall(job.id, 0, () => refused, [failedSlot(0), failedSlot(1)])).toEqual({
      record: settled,
      isOver: false,
    });
    expect(await store.readProgress(job.id)).toEqual({
      slots: [storedSlot(0), storedSlot(1)],
      calls: [settled],
    });
  });

  it("forgets a second delivery's attempt that is known not to be billed, also once its outcome is known", async () => {
    const job = await aRunningJob();
    await begin(job, "a1");
    await begin(job, "a2");
    const stored = (record: CallRecord) => ({ ...markAnswered(record, "a1"), outcome: settled.outcome });
    await store.settleCall(job.id, 0, stored, [storedSlot(0)]);
    const throttled = (record: CallRecord) => undoAttempt(record, "a2");
    const late = await store.settleCall(job.id, 0, throttled, [failedSlot(1)]);
    expect(late).toEqual({ record: settled, isOver: false });
    expect(await store.readProgress(job.id)).toEqual({ slots: [storedSlot(0)], calls: [settled] });
  });

  it("has one end when two deliveries race to write it, and its slots go with it", async () => {
    const job = await aRunningJob();
    await store.beginAttempt(job.id, 0, "a1", undefined);
    const refused = { ...settled, outcome: { kind: "refused" as const } };
    const ends = await Promise.all([
      store.settleCall(job.id, 0, () => settled, [storedSlot(0)]),
      store.settleCall(job.id, 0, () => refused, [failedSlot(0)]),
      store.settleCall(job.id, 0, () => settled, [storedSlot(0)]),
    ]);
    expect(new Set(ends.map(({ record }) => record.outcome?.kind)).size).toBe(1);
    const { slots, calls } = await store.readProgress(job.id);
    expect(calls).toEqual([ends[0].record]);
    expect(slots).toEqual([ends[0].record.outcome?.kind === "stored" ? storedSlot(0) : failedSlot(0)]);
  });

  it("isn't begun by one who hasn't seen what another instance wrote of it meanwhile", async () => {
    const job = await aRunningJob();
    const elsewhere = tableJobStore(azurite.clients().tables);
    const links = [{ index: 0, url: "https://pictures.example/0.png" }];
    await begin(job, "a1", elsewhere);
    await elsewhere.settleCall(job.id, 0, (record) => ({ ...markAnswered(record, "a1"), links }), []);
    // By its own memory the call is new.
    expect((await store.recall(job.id))?.progress.calls).toEqual([]);
    expect(await store.beginAttempt(job.id, 0, "a2", undefined)).toEqual({ kind: "changed" });
    expect((await store.readProgress(job.id)).calls).toEqual([
      { call: 0, inDoubt: [], duplicates: [], links },
    ]);
  });

  it("is settled by an instance that hasn't heard of it before", async () => {
    const job = await aRunningJob();
    await begin(job, "a1", tableJobStore(azurite.clients().tables));
    expect((await store.recall(job.id))?.progress.calls).toEqual([]);
    await store.settleCall(
      job.id,
      0,
      (record) => ({ ...markAnswered(record, "a1"), outcome: settled.outcome }),
      [storedSlot(0)],
    );
    const { slots, calls } = await store.readProgress(job.id);
    expect({ slots, calls }).toEqual({ slots: [storedSlot(0)], calls: [settled] });
  });

  it("counts every send, also of deliveries that race", async () => {
    const job = await aRunningJob();
    const elsewhere = tableJobStore(azurite.clients().tables);
    await Promise.all([begin(job, "a1"), begin(job, "a2", elsewhere), begin(job, "a3", elsewhere)]);
    const { calls } = await store.readProgress(job.id);
    expect(calls.map(({ inDoubt, duplicates }) => [inDoubt.length, duplicates.length])).toEqual([[3, 2]]);
  });

  it("leaves a slot that has an end already with that end", async () => {
    const job = await aRunningJob();
    await store.beginAttempt(job.id, 0, "a1", undefined);
    await store.settleSlots(job.id, failedSlots([0], failedInfo));
    await store.settleCall(job.id, 0, () => settled, [storedSlot(0), storedSlot(1)]);
    expect((await store.readProgress(job.id)).slots).toEqual([failedSlot(0), storedSlot(1)]);
  });
});

describe("failing slots", () => {
  it("leaves alone what is known already", async () => {
    const job = await aRunningJob();
    await store.beginAttempt(job.id, 0, "a1", undefined);
    await store.settleCall(job.id, 0, (record) => record, [storedSlot(0)]);
    await store.settleSlots(job.id, failedSlots([0, 1], errorInfo("throttled", "later")));
    const { slots } = await store.readProgress(job.id);
    expect(slots.map(({ state }) => state)).toEqual(["stored", "failed"]);
  });

  it("may be done twice", async () => {
    const job = await aRunningJob();
    await store.settleSlots(job.id, failedSlots([0], errorInfo("throttled", "first")));
    await store.settleSlots(job.id, failedSlots([0], errorInfo("internal", "second")));
    expect((await store.readProgress(job.id)).slots).toMatchObject([{ failure: { code: "throttled" } }]);
  });
});

it("a thumbnail's mark is seen on its slot", async () => {
  const job = await aRunningJob();
  await store.beginAttempt(job.id, 0, "a1", undefined);
  await store.settleCall(job.id, 0, (record) => record, [storedSlot(0), storedSlot(1)]);
  expect(await store.markThumbnails(job.id, [1])).toBe(true);
  const { slots } = await store.readProgress(job.id);
  expect(slots).toEqual([storedSlot(0), { ...storedSlot(1), hasThumbnails: true }]);
});

it("a ping passes while tables can be reached", async () => {
  await expect(store.ping()).resolves.toBeUndefined();
});
