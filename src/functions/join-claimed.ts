import type { InvocationContext } from "@azure/functions";
import { type Claim, givesWay, mayResume, type StandingClaim } from "../domain/claim.ts";
import { Fault } from "../domain/fault.ts";
import type { ClaimStore, Clock, JobRunner, JobStore } from "../ports.ts";
import type { JobProgress, JobRecord } from "../records.ts";
import { asItStands } from "./find-job.ts";
import { messageOf } from "./message-of.ts";

/** A request that comes under a claim which stands already. */
export interface Repetition {
  claim: Claim;
  standing: StandingClaim;
}

interface Joining {
  jobs: JobStore;
  claims: ClaimStore;
  clock: Clock;
  runner: (context: InvocationContext) => JobRunner;
}

/**
 * Looks for an earlier request's claim before anything is done for this one. Only to spare the doing: that nothing is
 * done twice is decided when the job is recorded.
 */
export async function findRepetition(
  { claims, clock }: { claims: ClaimStore; clock: Clock },
  claim: Claim | undefined,
): Promise<Repetition | undefined> {
  if (!claim || claim.kind === "firstTry") return undefined;
  const standing = await claims.find(claim);
  return standing && !givesWay(standing, claim, clock.now()) ? { claim, standing } : undefined;
}

/**
 * The job of the request that this one repeats. Throws `idempotencyMismatch` when that one asked for something else, and
 * `expired` when its job was deleted: to run it again under the same key is what keys are there to prevent.
 */
export async function joinClaimed(
  deps: Joining,
  repetition: Repetition,
  context: InvocationContext,
): Promise<[JobRecord, JobProgress]> {
  const { claim, standing } = repetition;
  if (standing.bodyHash !== claim.bodyHash) {
    const used =
      "This Idempotency-Key was used for another request. Send that one unchanged, or take a new key.";
    throw new Fault("idempotencyMismatch", used);
  }
  // The row first, as everywhere: an ended job is never shown without its last image.
  const job = await deps.jobs.read(standing.jobId);
  if (!job) {
    const gone = "The job of this request was deleted, and is not run again under the same Idempotency-Key.";
    throw new Fault("expired", gone);
  }
  context.info(`request repeats the one of job ${job.id}`);
  if (job.status !== "queued") {
    const progress = await deps.jobs.readProgress(job.id);
    return [asItStands(job, progress), progress];
  }
  await startIfCutOff(deps, job, repetition, context);
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
  { claims, clock, runner }: Joining,
  job: JobRecord,
  { claim, standing }: Repetition,
  context: InvocationContext,
): Promise<void> {
  const now = clock.now();
  if (!mayResume(standing, now)) return;
  try {
    if (!(await claims.resume(claim, now))) return;
    const jobs = runner(context);
    if ((await jobs.state(job.id)) !== undefined) return;
    context.warn(`job ${job.id} was recorded but never started; starting it`);
    await jobs.start(job);
  } catch (error) {
    context.error(`job ${job.id} could not be started and will be later: ${messageOf(error)}`);
  }
}
