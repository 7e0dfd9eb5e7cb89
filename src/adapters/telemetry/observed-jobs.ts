import { isTerminal } from "../../domain/image-job.ts";
import type { IdempotencyStore, Conclusion, JobStore } from "../../ports/jobs.ts";
import type { JobProgress, JobRecord, SlotRecord } from "../../ports/records.ts";
import { around } from "./around.ts";
import { attributesOf, jobSpanId, type KnownJobs } from "./known-jobs.ts";
import { attribute } from "./names.ts";
import type { Attributes, Telemetry } from "./telemetry.ts";

interface Dependencies {
  telemetry: Telemetry;
  jobs: KnownJobs;
  /** The id of the request that is being answered, as its caller knows it. */
  requestId: () => string | undefined;
  /** Writes a line to the log of the invocation that ended the job. */
  log: (line: string) => void;
}

/** Jobs that carry their request's place in its trace, tell of each write, and of their end. */
export function observedJobs(store: JobStore, deps: Dependencies): JobStore {
  const { telemetry, jobs } = deps;
  const writing = <T>(what: string, run: () => Promise<T>) =>
    telemetry.span({ name: `store ${what}`, kind: "client" }, run);

  return around(store, {
    async create(job) {
      const placed = withOrigin(job, deps);
      await writing("job", () => store.create(placed));
      accepted(placed, deps);
    },
    async read(jobId) {
      const job = await store.read(jobId);
      if (job) jobs.note(job);
      return job;
    },
    async advance(jobId, to, facts) {
      const job = await writing("job", () => store.advance(jobId, to, facts));
      // Anyone who comes second moves nothing, and has waited for nothing.
      if (to === "running" && job.startedAt !== undefined && job.startedAt === facts.startedAt)
        telemetry.record("darkroom.job.queue.duration", seconds(job.createdAt, job.startedAt), kindOf(job));
      return job;
    },
    beginAttempt: (...call) => writing("call", () => store.beginAttempt(...call)),
    settleCall: (...call) => writing("call", () => store.settleCall(...call)),
    settleSlots: (...slots) => writing("slots", () => store.settleSlots(...slots)),
    async end(jobId, conclude) {
      let decided: { progress: JobProgress; conclusion: Conclusion } | undefined;
      const job = await writing("end", () =>
        store.end(jobId, (progress) => {
          const conclusion = conclude(progress);
          decided = { progress, conclusion };
          return conclusion;
        }),
      );
      // Decided here, and final: an end that somebody else wrote is told by them.
      const { status, finishedAt } = decided?.conclusion.end ?? {};
      if (decided && status === job.status && finishedAt === job.finishedAt)
        ended(job, slotsOf(decided), deps);
      return job;
    },
  });
}

/** Idempotency records whose jobs are written with them. */
export function observedIdempotency(store: IdempotencyStore, deps: Dependencies): IdempotencyStore {
  return around(store, {
    async record(job, idempotencyKey) {
      const placed = withOrigin(job, deps);
      const span = { name: "store job", kind: "client" } as const;
      const original = await deps.telemetry.span(span, () => store.record(placed, idempotencyKey));
      if (!original) accepted(placed, deps);
      return original;
    },
  });
}

function withOrigin(job: JobRecord, { telemetry, requestId }: Dependencies): JobRecord {
  const id = requestId();
  const trace = telemetry.here();
  if (id === undefined) return job;
  return { ...job, origin: { requestId: id, ...(trace !== undefined && { trace }) } };
}

function accepted(job: JobRecord, deps: Dependencies): void {
  deps.jobs.note(job);
  deps.telemetry.note(attributesOf(job));
  // Refused as it was recorded: a file of the inbox that asks for what can't be done.
  if (isTerminal(job.status)) ended(job, [], deps);
}

function slotsOf({ progress, conclusion }: { progress: JobProgress; conclusion: Conclusion }): SlotRecord[] {
  const known = new Set(progress.slots.map(({ index }) => index));
  return [...progress.slots, ...conclusion.slots.filter(({ index }) => !known.has(index))];
}

function ended(job: JobRecord, slots: readonly SlotRecord[], { telemetry, log }: Dependencies): void {
  const stored = slots.filter(({ state }) => state === "stored").length;
  const failed = slots.length - stored;
  const finishedAt = job.finishedAt ?? job.createdAt;
  const took = seconds(job.createdAt, finishedAt);
  const outcome = { [attribute.outcome]: job.status };

  telemetry.add("darkroom.jobs", 1, { ...kindOf(job), ...outcome });
  telemetry.record("darkroom.job.duration", took, { ...kindOf(job), ...outcome });
  for (const [state, count] of Object.entries({ stored, failed }))
    if (count > 0) telemetry.add("darkroom.images", count, { ...placeOf(job), [attribute.outcome]: state });
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
  const request = job.origin ? `, request ${job.origin.requestId}` : "";
  log(
    `job ${job.id} ${job.status}: ${stored} of ${job.request.n} images, ${failed} failed, ${took.toFixed(3)} s${request}`,
  );
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
