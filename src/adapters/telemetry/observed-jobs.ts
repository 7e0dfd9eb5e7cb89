import { countFailures } from "../../domain/failure-codes.ts";
import type { IdempotencyStore, JobStore } from "../../ports/jobs.ts";
import type { JobRecord, SlotRecord } from "../../ports/records.ts";
import { around } from "../../domain/around.ts";
import { attributesOf, jobSpanId, type KnownJobs } from "./known-jobs.ts";
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

function placeOf({ model, deployment }: JobRecord): Attributes {
  return { [attribute.model]: model, [attribute.deployment]: deployment };
}

function kindOf(job: JobRecord): Attributes {
  return { [attribute.kind]: job.kind, ...placeOf(job) };
}

function seconds(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
}
