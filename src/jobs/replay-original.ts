import type { InvocationContext } from "@azure/functions";
import { type IdempotencyKey, givesWay, mayResume, type IdempotencyRecord } from "../domain/idempotency.ts";
import { AppError } from "../domain/app-error.ts";
import type { Clock } from "../ports/clock.ts";
import type { IdempotencyStore, JobRunner, JobStore } from "../ports/jobs.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import { withDecidedEnd } from "./find-job.ts";
import { messageOf } from "../domain/message-of.ts";

/** A request that comes under an idempotency record which stands already. */
export interface Replay {
  idempotencyKey: IdempotencyKey;
  original: IdempotencyRecord;
}

interface ReplayDeps {
  jobs: JobStore;
  idempotency: IdempotencyStore;
  clock: Clock;
  runner: (context: InvocationContext) => JobRunner;
}

/**
 * Looks for an earlier request's claim before anything is done for this one. Only to spare the doing: that nothing is
 * done twice is decided when the job is recorded.
 */
export async function findReplay(
  { idempotency, clock }: { idempotency: IdempotencyStore; clock: Clock },
  idempotencyKey: IdempotencyKey | undefined,
): Promise<Replay | undefined> {
  if (!idempotencyKey) return undefined;
  if (idempotencyKey.kind === "firstTry") {
    const original = await idempotencyKey.joins?.();
    return original && { idempotencyKey, original };
  }
  const original = await idempotency.find(idempotencyKey);
  return original && !givesWay(original, idempotencyKey, clock.now())
    ? { idempotencyKey, original }
    : undefined;
}

/**
 * The job of the request that this one repeats. Throws `idempotencyMismatch` when that one asked for something else, and
 * `expired` when its job was deleted: to run it again under the same key is what keys are there to prevent.
 */
export async function replayOriginal(
  deps: ReplayDeps,
  replay: Replay,
  context: InvocationContext,
): Promise<[JobRecord, JobProgress]> {
  const { idempotencyKey, original } = replay;
  if (original.bodyHash !== idempotencyKey.bodyHash) {
    const used =
      "This Idempotency-Key was used for another request. Send that one unchanged, or take a new key.";
    throw new AppError("idempotencyMismatch", used);
  }
  // The row first, as everywhere: an ended job is never shown without its last image.
  const job = await deps.jobs.read(original.jobId);
  if (!job) {
    const gone = "The job of this request was deleted, and is not run again under the same Idempotency-Key.";
    throw new AppError("expired", gone);
  }
  context.info(`request repeats the one of job ${job.id}`);
  if (job.status !== "queued") {
    const progress = await deps.jobs.readProgress(job.id);
    return [withDecidedEnd(job, progress), progress];
  }
  await startIfCutOff(deps, job, replay, context);
  return [job, { slots: [], calls: [] }];
}

/**
 * The first request may have been cut off between its record and its start. jobs-reconcile would start the job too,
 * within half a minute; but here somebody is waiting for it.
 *
 * Of many repetitions one does it. Should a job be started twice all the same, the second start meets the first that
 * runs, or begins a job that has ended and leaves it at that.
 */
async function startIfCutOff(
  { idempotency, clock, runner }: ReplayDeps,
  job: JobRecord,
  { idempotencyKey, original }: Replay,
  context: InvocationContext,
): Promise<void> {
  const now = clock.now();
  if (!mayResume(original, now)) return;
  try {
    if (!(await idempotency.resume(idempotencyKey, now))) return;
    const jobs = runner(context);
    if ((await jobs.state(job.id)) !== undefined) return;
    context.warn(`job ${job.id} was recorded but never started; starting it`);
    await jobs.start(job);
  } catch (error) {
    context.error(`job ${job.id} could not be started and will be later: ${messageOf(error)}`);
  }
}
