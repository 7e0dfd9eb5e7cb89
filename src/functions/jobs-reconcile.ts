import type { InvocationContext, TimerHandler } from "@azure/functions";
import { type FaultFacts, factsOf } from "../domain/fault.ts";
import type { DeliveryStore, JobRunner } from "../ports.ts";
import type { JobRecord } from "../records.ts";
import type { Removing } from "../upkeep/remove-job.ts";
import { finishDeletions } from "../upkeep/remove-old.ts";
import { messageOf } from "./message-of.ts";

interface Dependencies extends Removing {
  runner: (context: InvocationContext) => JobRunner;
  finishJob: (step: { jobId: string; fault?: FaultFacts }) => Promise<unknown>;
  publishResult: (step: { jobId: string }) => Promise<unknown>;
  deliveries: DeliveryStore;
  notify: (step: { jobId: string }, context: InvocationContext) => Promise<unknown>;
}

export const reconcileSchedule = "0 * * * * *";
// A request needs milliseconds from record to start; what is older than this was cut off in between.
const graceMs = 2 * 60_000;
// The longest call that began before the deadline, and its last record, are over by then; a stuck instance is not.
const latestEndMs = 15 * 60_000;

/**
 * Looks after jobs that were recorded but whose orchestration is missing or has ended without ending them: the process
 * died between two steps, or storage was away for longer than retries last. Nothing accepted is ever lost. And after jobs
 * whose end may still have to be told: each says so from its first write. And it goes on with deletions that were cut off.
 */
export const jobsReconcile =
  (deps: Dependencies): TimerHandler =>
  async (_timer, context) => {
    const runner = deps.runner(context);
    const settledBy = new Date(deps.clock.now().getTime() - graceMs);
    await forEachJob(deps.jobs.listOpen(settledBy), context, (job) => reconcile(deps, runner, job, context));
    await forEachJob(deps.deliveries.listDue(), context, async ({ id: jobId, finishedAt = "" }) => {
      // A job that ended just now is about to be told by whatever ended it.
      if (finishedAt < settledBy.toISOString()) await deps.notify({ jobId }, context);
    });
    await finishDeletions(deps, settledBy, (what, error) =>
      context.error(`${what} could not be removed: ${messageOf(error)}`),
    );
  };

/** One job that can't be mended now must not keep the others waiting; the next round tries again. */
async function forEachJob(
  jobs: AsyncIterable<JobRecord>,
  context: InvocationContext,
  mend: (job: JobRecord) => Promise<void>,
): Promise<void> {
  for await (const job of jobs) {
    try {
      await mend(job);
    } catch (error) {
      context.error(`job ${job.id} could not be reconciled: ${messageOf(error)}`);
    }
  }
}

async function reconcile(
  { clock, finishJob, publishResult }: Dependencies,
  runner: JobRunner,
  job: JobRecord,
  context: InvocationContext,
): Promise<void> {
  const state = await runner.state(job.id);
  const overdueMs = clock.now().getTime() - Date.parse(job.deadline);
  if (state === "active" && overdueMs < latestEndMs) return;
  if (state === undefined && overdueMs < 0) {
    context.warn(`job ${job.id} was recorded but never started; starting it`);
    await runner.start(job);
    return;
  }
  context.warn(`job ${job.id} is open though nothing ends it; ending it by what is stored`);
  if (state === "active") await runner.stop(job.id);
  const fault = factsOf("deadlineExceeded", "The job's deadline passed before this image was made.");
  await finishJob({ jobId: job.id, ...(overdueMs >= 0 && { fault }) });
  await publishResult({ jobId: job.id });
}
