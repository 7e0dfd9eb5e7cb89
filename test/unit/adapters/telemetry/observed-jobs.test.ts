import { failedSlots } from "../../../../src/activities/store-image.ts";
import { expect, it } from "vitest";
import { AppError } from "../../../../src/domain/app-error.ts";
import type { Conclude, JobStore } from "../../../../src/ports/jobs.ts";
import type { JobRecord, SlotRecord } from "../../../../src/ports/records.ts";
import { around } from "../../../../src/domain/around.ts";
import { jobSpanId, knownJobs } from "../../../../src/adapters/telemetry/known-jobs.ts";
import {
  countedRefusals,
  observedIdempotency,
  observedJobs,
  observeEnd,
} from "../../../../src/adapters/telemetry/observed-jobs.ts";
import {
  recordedIdempotency,
  recordedJobs,
  type RecordedJobsDeps,
} from "../../../../src/jobs/recorded-jobs.ts";
import { MemoryIdempotencyStore, MemoryJobStore } from "../../../support/fakes.ts";
import { aJob } from "../../../support/jobs.ts";
import { HeardTelemetry, someTrace } from "../../../support/telemetry.ts";

const createdAt = "2026-01-02T03:04:05.000Z";
const startedAt = "2026-01-02T03:04:07.500Z";
const finishedAt = "2026-01-02T03:04:15.250Z";

function observed() {
  const store = new MemoryJobStore();
  const telemetry = new HeardTelemetry();
  telemetry.trace = someTrace;
  const lines: string[] = [];
  const deps = { telemetry, jobs: knownJobs((jobId) => store.read(jobId)) };
  const recorded: RecordedJobsDeps = {
    origin: () => ({ requestId: "the-request", trace: someTrace }),
    log: (line) => void lines.push(line),
    onEnd: (job, slots) => observeEnd(telemetry, job, slots),
  };
  return { store, telemetry, lines, deps, recorded, jobs: recordedJobs(observedJobs(store, deps), recorded) };
}

const stored = (index: number): SlotRecord => ({
  state: "stored",
  index,
  blob: `b${index}`,
  contentType: "image/png",
  width: 1,
  height: 1,
  bytes: 1,
  sha256: "0",
});
const failed = (index: number): SlotRecord => ({
  state: "failed",
  index,
  failure: { code: "contentFilter", message: "no", retryable: false },
});
const concluding =
  (status: "succeeded" | "failed" | "canceled", ...slots: SlotRecord[]): Conclude =>
  async () => ({ end: { status, finishedAt }, slots });

it("a job is recorded with its request and that one's place in its trace, and the request's span with its job", async () => {
  const { store, telemetry, jobs } = observed();
  const job = aJob();
  await telemetry.span({ name: "request" }, () => jobs.create(job));
  expect((await store.read(job.id))?.origin).toEqual({ requestId: "the-request", trace: someTrace });
  expect(telemetry.spans).toMatchObject([
    { name: "request", attributes: { "darkroom.job_id": job.id, "darkroom.model": "dall-e-3" } },
    { name: "store job", within: "request" },
  ]);
});

it("so is a job that is recorded with an idempotency record, unless the idempotency record stands already", async () => {
  const { store, telemetry, deps, recorded } = observed();
  const observing = observedIdempotency(new MemoryIdempotencyStore(store), deps);
  const idempotency = recordedIdempotency(observing, recorded);
  const idempotencyKey = { kind: "key", tag: "t", name: "n", bodyHash: "h" } as const;
  const [first, second] = [aJob(), aJob()];
  await telemetry.span({ name: "first" }, () => idempotency.record(first, idempotencyKey));
  await telemetry.span({ name: "second" }, () => idempotency.record(second, idempotencyKey));
  expect((await store.read(first.id))?.origin?.trace).toBe(someTrace);
  expect(telemetry.spans.map(({ name, attributes }) => [name, attributes["darkroom.job_id"]])).toEqual([
    ["first", first.id],
    ["store job", undefined],
    ["second", undefined],
    ["store job", undefined],
  ]);
});

it("how long a job waited is told by the one who started it, once", async () => {
  const { telemetry, jobs } = observed();
  const job = aJob({ createdAt });
  await jobs.create(job);
  await jobs.begin(job.id, startedAt);
  await jobs.begin(job.id, finishedAt);
  expect(telemetry.heard("darkroom.job.queue.duration")).toEqual([
    { value: 2.5, kind: "generation", model: "dall-e-3", deployment: "dalle3" },
  ]);
});

it("how long a call is to wait for its turn is told with why", async () => {
  const { telemetry, jobs } = observed();
  const job = aJob({ createdAt });
  await jobs.create(job);
  const waiting = { reason: "service", since: createdAt, until: finishedAt, position: 3 } as const;
  await jobs.append(job.id, { type: "job.waiting", waiting });
  await jobs.append(job.id, { type: "job.running" });
  expect(telemetry.heard("darkroom.call.wait")).toEqual([
    { value: 10.25, kind: "generation", model: "dall-e-3", deployment: "dalle3", reason: "service" },
  ]);
});

it("a job that is refused is counted by why, and is refused all the same", async () => {
  const { telemetry } = observed();
  const refusing = (error: Error) => countedRefusals(() => Promise.reject(error), telemetry)(aJob());
  await expect(refusing(new AppError("budgetExceeded", "a message"))).rejects.toThrow("a message");
  await expect(refusing(new Error("storage is away"))).rejects.toThrow("storage is away");
  expect(await countedRefusals(() => Promise.resolve("in"), telemetry)(aJob())).toBe("in");
  expect(telemetry.heard("darkroom.jobs.refused")).toEqual([
    { value: 1, kind: "generation", model: "dall-e-3", deployment: "dalle3", code: "budgetExceeded" },
  ]);
});

it("a job's end is told once: as numbers, as a span that its activities named already, and as a line", async () => {
  const { telemetry, lines, jobs } = observed();
  const job = aJob({ createdAt, request: { ...aJob().request, n: 3 } });
  await jobs.create(job);
  await jobs.beginAttempt(job.id, 0, "a1", undefined);
  await jobs.settleCall(job.id, 0, (record) => record, [stored(0)]);
  await jobs.end(job.id, concluding("succeeded", failed(1), stored(2)));
  await jobs.end(job.id, concluding("canceled"));
  const place = { model: "dall-e-3", deployment: "dalle3" };
  expect(telemetry.heard("darkroom.jobs")).toEqual([
    { value: 1, kind: "generation", outcome: "succeeded", ...place },
  ]);
  expect(telemetry.heard("darkroom.job.duration")).toEqual([
    { value: 10.25, kind: "generation", outcome: "succeeded", ...place },
  ]);
  expect(telemetry.heard("darkroom.images")).toEqual([
    { value: 2, outcome: "stored", ...place },
    { value: 1, outcome: "failed", code: "contentFilter", ...place },
  ]);
  expect(telemetry.emitted).toMatchObject([
    {
      name: "job",
      id: jobSpanId(job.id),
      parent: someTrace,
      startedAt: new Date(createdAt),
      endedAt: new Date(finishedAt),
      attributes: {
        "darkroom.request_id": "the-request",
        "darkroom.outcome": "succeeded",
        "darkroom.slots.wanted": 3,
        "darkroom.slots.stored": 2,
        "darkroom.slots.failed": 1,
      },
    },
  ]);
  expect(lines).toEqual([
    `job ${job.id} succeeded: 2 of 3 images, 1 failed (contentFilter), 10.250 s, request the-request`,
  ]);
});

it("an end that was decided here, but that somebody else was faster to write, is told by them", async () => {
  const { store, telemetry, lines, deps, recorded } = observed();
  const job = aJob({ createdAt });
  await store.create(job);
  const racing = around<JobStore>(store, {
    end: async (jobId, conclude) => {
      await conclude({ slots: [], calls: [] }, job);
      return { job: { ...job, id: jobId, status: "succeeded", finishedAt: startedAt }, slots: [] };
    },
  });
  await recordedJobs(observedJobs(racing, deps), recorded).end(job.id, concluding("succeeded"));
  expect([telemetry.emitted, telemetry.heard("darkroom.jobs"), lines]).toEqual([[], [], []]);
});

it("a job that was refused as it was recorded has ended then, and is told with its code", async () => {
  const { telemetry, jobs } = observed();
  const failure = { code: "invalidRequest", message: "a message", retryable: false } as const;
  await jobs.create(aJob({ status: "failed", finishedAt, createdAt, failure, model: "", deployment: "" }));
  expect(telemetry.heard("darkroom.jobs")).toMatchObject([{ outcome: "failed", code: "invalidRequest" }]);
  expect(telemetry.emitted).toMatchObject([{ name: "job", error: "invalidRequest" }]);
  expect(JSON.stringify(telemetry)).not.toContain("a message");
});

it("outside of any request a job is recorded as it is, and its line names none", async () => {
  const { store, recorded, lines } = observed();
  const jobs = recordedJobs(store, { ...recorded, origin: () => undefined });
  const job = aJob({ createdAt });
  await jobs.create(job);
  expect((await store.read(job.id))?.origin).toBeUndefined();
  await jobs.end(job.id, concluding("canceled"));
  expect(lines).toEqual([`job ${job.id} canceled: 0 of 2 images, 0 failed, 10.250 s`]);
});

it("telemetry changes nothing of what is written, and logs nothing", async () => {
  const { store, deps } = observed();
  const job = aJob({ createdAt });
  await observedJobs(store, deps).create(job);
  expect(await store.read(job.id)).toEqual(job);
});

it("what isn't a write passes as it is, and every write is a span", async () => {
  const { telemetry, jobs } = observed();
  const job = aJob();
  await jobs.create(job);
  await jobs.beginAttempt(job.id, 0, "a1", undefined);
  await jobs.settleSlots(job.id, failedSlots([0], { code: "expired", message: "m", retryable: false }));
  expect((await jobs.readProgress(job.id)).slots).toHaveLength(1);
  expect(await jobs.hasEnded(job.id)).toBe(false);
  expect(telemetry.spans.map(({ name }) => name)).toEqual(["store job", "store call", "store slots"]);
});

it("a job is asked for once, and the oldest is forgotten when there are too many", async () => {
  const asked: string[] = [];
  const jobs = knownJobs(async (id): Promise<JobRecord | undefined> => {
    asked.push(id);
    return id === "gone" ? undefined : aJob({ id });
  });
  for (const id of ["first", "first", "gone", "gone"]) await jobs.find(id);
  expect(asked).toEqual(["first", "gone", "gone"]);
  for (let at = 0; at < 1_000; at += 1) jobs.note(aJob({ id: `j${at}` }));
  await jobs.find("j0");
  await jobs.find("first");
  expect(asked.slice(3)).toEqual(["first"]);
});

it("a job that can't be read is one that nobody knows", async () => {
  const jobs = knownJobs(() => Promise.reject(new Error("storage is away")));
  expect(await jobs.find("any")).toBeUndefined();
});
