import type { InvocationContext, TimerHandler } from "@azure/functions";
import { type ErrorInfo, errorInfo } from "../domain/app-error.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { JobRunner } from "../ports/jobs.ts";
import type { PendingJob } from "../ports/retention.ts";
import type { JobRecord } from "../ports/records.ts";
import { removeJob, type RemoveJobDeps } from "../retention/remove-job.ts";
import { inBatches } from "../async/in-batches.ts";
import { messageOf } from "../domain/message-of.ts";
import { within } from "../async/within.ts";

interface Dependencies extends RemoveJobDeps {
  runner: (context: InvocationContext) => JobRunner;
  finishJob: (step: { jobId: string; failure?: ErrorInfo }) => Promise<unknown>;
  publishResult: (step: { jobId: string }) => Promise<unknown>;
  notifyCompletion: (step: { jobId: string }, context: InvocationContext) => Promise<unknown>;
}

// With the grace: a job whose start was lost begins within half a minute.
export const reconcileSchedule = "*/15 * * * * *";
// A request needs milliseconds from record to start. Should it still be at it, the second start meets the first.
const startGraceMs = 10_000;
// Notifying of an end and removing a job take longer, and are done again at once by the one who asked if they fail.
const graceMs = 2 * 60_000;
// A job that runs is looked at this often, not in each round: one whose orchestration ends without it ends within a minute.
const restMs = 45_000;
// Each look asks the host, and most do nothing else: a thousand open jobs take seconds.
const atOnce = 8;
// The host's own storage may be silent for minutes, and no round begins while one lasts.
const maxLookMs = 30_000;
// The longest call that began before the deadline, and its last record, are over by then; a stuck instance is not.
const latestEndMs = 15 * 60_000;

/**
 * Looks after jobs that were recorded but whose orchestration is missing or has ended without ending them: the process
 * died between two steps, or storage was away for longer than retries last. Nothing accepted is ever lost. And after jobs
 * whose end may still have to be told: each says so from its first write. And it goes on with deletions that were cut off.
 *
 * The host runs the timer on one instance; where two run it, both do the same harmless things.
 */
export const jobsReconcile = (deps: Dependencies, lookMs = maxLookMs): TimerHandler => {
  // Until when jobs rest, by this instance's memory alone: another looks once more than it must.
  const resting = new Map<string, number>();
  const restarted = new Set<string>();

  return async (_timer, context) => {
    const runner = deps.runner(context);
    const now = deps.clock.now();
    for (const [jobId, until] of resting) if (until <= now.getTime()) resting.delete(jobId);
    const listed = deps.rows.listPending(now, (jobId) => resting.has(jobId));
    await inBatches(listed, atOnce, async (pending) => {
      try {
        const isWell = await within(lookMs, lookAfter({ ...deps, restarted }, runner, pending, context));
        if (isWell) resting.set(pending.job.id, now.getTime() + restMs);
      } catch (error) {
        // One job that can't be mended now must not keep the others waiting; the next round tries again.
        context.error(`job ${pending.job.id} could not be reconciled: ${messageOf(error)}`);
      }
    });
  };
};

interface Looking extends Dependencies {
  /** Jobs whose orchestration was started anew by this instance: once is enough to tell a mishap from a mistake. */
  restarted: Set<string>;
}

/** True when the job is well, and needn't be looked at in the next rounds. */
async function lookAfter(
  deps: Looking,
  runner: JobRunner,
  { job, deletedAt }: PendingJob,
  context: InvocationContext,
): Promise<boolean> {
  const ageMs = (since: string) => deps.clock.now().getTime() - Date.parse(since);
  if (deletedAt !== undefined) {
    if (ageMs(deletedAt) > graceMs) await removeJob(deps, runner, job);
  } else if (!isTerminal(job.status)) {
    return ageMs(job.createdAt) >= startGraceMs && (await reconcile(deps, runner, job, context));
  } else if (ageMs(job.finishedAt ?? job.createdAt) > graceMs) {
    // A job that ended just now is about to be told by whatever ended it. Anyone who was cut off before that may have been cut
    // off before its result as well.
    if (job.inbox) await deps.publishResult({ jobId: job.id });
    await deps.notifyCompletion({ jobId: job.id }, context);
  }
  return false;
}

async function reconcile(
  { clock, finishJob, publishResult, restarted }: Looking,
  runner: JobRunner,
  job: JobRecord,
  context: InvocationContext,
): Promise<boolean> {
  const state = await runner.state(job.id);
  const overdueMs = clock.now().getTime() - Date.parse(job.latestEnd ?? job.deadline);
  if (state === "active" && overdueMs < latestEndMs) return true;
  if (state === undefined && overdueMs < 0) {
    context.warn(`job ${job.id} was recorded but never started; starting it`);
    await runner.start(job);
    return true;
  }
  // A queued job has bought nothing, and nothing but its orchestration ever worked for it.
  if (state === "failed" && job.status === "queued" && overdueMs < 0 && !restarted.has(job.id)) {
    context.warn(`the orchestration of job ${job.id} failed before the job began; starting it anew`);
    restarted.add(job.id);
    await runner.start(job);
    return true;
  }
  context.warn(`job ${job.id} is open though nothing ends it; ending it by what is stored`);
  if (state === "active") await runner.stop(job.id);
  const failure = errorInfo("deadlineExceeded", "The job's deadline passed before this image was made.");
  await finishJob({ jobId: job.id, ...(overdueMs >= 0 && { failure }) });
  await publishResult({ jobId: job.id });
  return false;
}
