import { AppError } from "../../domain/app-error.ts";
import { countFailures } from "../../domain/failure-codes.ts";
import type { IdempotencyStore, JobStore } from "../../ports/jobs.ts";
import type { JobRecord, SlotRecord } from "../../ports/records.ts";
import { around } from "../../domain/around.ts";
import type { Waiting } from "../../domain/quota/waiting.ts";
import { attributesOf, type JobFacts, jobSpanId, type KnownJobs } from "./known-jobs.ts";
import { attribute } from "./names.ts";
import type { Attributes, Telemetry } from "./telemetry.ts";

interface Dependencies {
  telemetry: Telemetry;
  jobs: KnownJobs;
}

/** Jobs with a span for each write. It changes nothing of what is written. */
export function observedJobs(store: JobStore, deps: Dependencies): JobStore {
  const { telemetry, jobs } = deps;
  const writing = <T>(what: string, run: () => Promise<T>) =>
    telemetry.span({ name: `store ${what}`, kind: "client" }, run);

  return around(store, {
    async create(job) {
      await writing("job", () => store.create(job));
      accepted(job, deps);
    },
    async read(jobId) {
      const job = await store.read(jobId);
      if (job) jobs.note(job);
      return job;
    },
    async begin(jobId, startedAt) {
      const job = await writing("job", () => store.begin(jobId, startedAt));
      // Anyone who comes second moves nothing, and has waited for nothing.
      if (job?.startedAt === startedAt)
        telemetry.record("darkroom.job.queue.duration", seconds(job.createdAt, startedAt), kindOf(job));
      return job;
    },
    beginAttempt: (...call) => writing("call", () => store.beginAttempt(...call)),
    settleCall: (...call) => writing("call", () => store.settleCall(...call)),
    async append(jobId, event) {
      const isAppended = await store.append(jobId, event);
      if (!isAppended || event.type !== "job.waiting") return isAppended;
      const job = await jobs.find(jobId);
      if (job) waits(job, event.waiting, deps);
      return isAppended;
    },
    settleSlots: (...slots) => writing("slots", () => store.settleSlots(...slots)),
    end: (...end) => writing("end", () => store.end(...end)),
  });
}

/** Idempotency records whose jobs are written with them. */
export function observedIdempotency(store: IdempotencyStore, deps: Dependencies): IdempotencyStore {
  return around(store, {
    async record(job, idempotencyKey) {
      const span = { name: "store job", kind: "client" } as const;
      const original = await deps.telemetry.span(span, () => store.record(job, idempotencyKey));
      if (!original) accepted(job, deps);
      return original;
    },
  });
}

/** What lets a job in, or throws why not: those that it refuses are counted. */
export function countedRefusals<R>(
  admit: (job: JobRecord) => Promise<R>,
  telemetry: Telemetry,
): (job: JobRecord) => Promise<R> {
  return async (job) => {
    try {
      return await admit(job);
    } catch (error) {
      if (error instanceof AppError)
        telemetry.add("darkroom.jobs.refused", 1, { ...kindOf(job), [attribute.code]: error.code });
      throw error;
    }
  };
}

function waits(job: JobFacts, { since, until, reason }: Waiting, { telemetry }: Dependencies): void {
  const why = { [attribute.reason]: reason };
  telemetry.record("darkroom.call.wait", seconds(since, until), { ...kindOf(job), ...why });
}

function accepted(job: JobRecord, deps: Dependencies): void {
  deps.jobs.note(job);
  deps.telemetry.note(attributesOf(job));
}

/** Counts a job that has ended, and gives it its span. `slots` are all that have an end. */
export function observeEnd(telemetry: Telemetry, job: JobRecord, slots: readonly SlotRecord[]): void {
  const stored = slots.filter(({ state }) => state === "stored").length;
  const failed = slots.length - stored;
  const finishedAt = job.finishedAt ?? job.createdAt;
  const took = seconds(job.createdAt, finishedAt);
  const outcome = { [attribute.outcome]: job.status, [attribute.code]: job.failure?.code };

  telemetry.add("darkroom.jobs", 1, { ...kindOf(job), ...outcome });
  telemetry.record("darkroom.job.duration", took, { ...kindOf(job), ...outcome });
  if (stored > 0)
    telemetry.add("darkroom.images", stored, { ...placeOf(job), [attribute.outcome]: "stored" });
  for (const [code, count] of countFailures(slots)) {
    const why = { [attribute.outcome]: "failed", [attribute.code]: code };
    telemetry.add("darkroom.images", count, { ...placeOf(job), ...why });
  }
  telemetry.emit({
    name: "job",
    id: jobSpanId(job.id),
    parent: job.origin?.trace,
    startedAt: new Date(job.createdAt),
    endedAt: new Date(finishedAt),
    error: job.failure?.code,
    attributes: {
      ...attributesOf(job),
      ...kindOf(job),
      ...outcome,
      [attribute.wanted]: job.request.n,
      [attribute.stored]: stored,
      [attribute.failed]: failed,
    },
  });
}

function placeOf({ model, deployment }: JobFacts): Attributes {
  return { [attribute.model]: model, [attribute.deployment]: deployment };
}

function kindOf(job: JobFacts): Attributes {
  return { [attribute.kind]: job.kind, ...placeOf(job) };
}

function seconds(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
}
