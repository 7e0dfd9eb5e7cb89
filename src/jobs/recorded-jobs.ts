import { countFailures } from "../domain/failure-codes.ts";
import { around } from "../domain/around.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { Conclusion, IdempotencyStore, JobStore } from "../ports/jobs.ts";
import type { JobRecord, SlotRecord } from "../ports/records.ts";

export interface RecordedJobsDeps {
  /** The request that is being answered, and its place in its trace; undefined outside of any. */
  origin: () => JobRecord["origin"] | undefined;
  /** Writes a line to the log of the running invocation. */
  log: (line: string) => void;
  /** Called once for each job that this process has ended, with all slots that have an end. */
  onEnd: (job: JobRecord, slots: readonly SlotRecord[]) => void;
}

/** Jobs that carry the request they came by, and whose end is a line in the log of the invocation that decided it. */
export function recordedJobs(store: JobStore, deps: RecordedJobsDeps): JobStore {
  return around(store, {
    async create(job) {
      const placed = withOrigin(job, deps);
      await store.create(placed);
      recorded(placed, deps);
    },
    async end(jobId, conclude) {
      let decided: Conclusion | undefined;
      const end = await store.end(jobId, async (...known) => {
        decided = await conclude(...known);
        return decided;
      });
      // Decided here, and final: an end that somebody else wrote is logged by them.
      const { status, finishedAt } = decided?.end ?? {};
      if (end && status === end.job.status && finishedAt === end.job.finishedAt)
        ended(end.job, end.slots, deps);
      return end;
    },
  });
}

/** Idempotency records whose jobs are written with them. */
export function recordedIdempotency(store: IdempotencyStore, deps: RecordedJobsDeps): IdempotencyStore {
  return around(store, {
    async record(job, idempotencyKey) {
      const placed = withOrigin(job, deps);
      const original = await store.record(placed, idempotencyKey);
      if (!original) recorded(placed, deps);
      return original;
    },
  });
}

function withOrigin(job: JobRecord, deps: RecordedJobsDeps): JobRecord {
  const origin = deps.origin();
  return origin ? { ...job, origin } : job;
}

/** A file of the inbox that asks for what can't be done is refused as it is recorded. */
function recorded(job: JobRecord, deps: RecordedJobsDeps): void {
  if (isTerminal(job.status)) ended(job, [], deps);
}

function ended(job: JobRecord, slots: readonly SlotRecord[], { log, onEnd }: RecordedJobsDeps): void {
  const stored = slots.filter(({ state }) => state === "stored").length;
  const failed = slots.length - stored;
  const tookMs = Date.parse(job.finishedAt ?? job.createdAt) - Date.parse(job.createdAt);
  const tookSeconds = Math.max(0, tookMs / 1_000);
  const codes = [...countFailures(slots).keys()];
  // A job that failed before it had slots has its own reason.
  const reasons = codes.length === 0 && job.failure ? [job.failure.code] : codes;
  const why = reasons.length > 0 ? ` (${reasons.join(", ")})` : "";
  const request = job.origin ? `, request ${job.origin.requestId}` : "";
  log(
    `job ${job.id} ${job.status}: ${stored} of ${job.request.n} images, ${failed} failed${why}, ${tookSeconds.toFixed(3)} s${request}`,
  );
  onEnd(job, slots);
}
