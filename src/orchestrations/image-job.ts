import type { OrchestrationContext } from "durable-functions";
import {
  instanceIds,
  type JobInput,
  type BatchInput,
  orchestrations,
  type PlannedJob,
  steps,
} from "../contracts/workflow.ts";
import { partitionCalls, planCalls } from "../domain/plan-calls.ts";
import { call, callOrWarn, nowMs, outageEnd, runChildren, type Steps } from "./call.ts";
import { runCalls } from "./run-calls.ts";

/** One job from its start to its last thumbnail. */
export function* imageJob(context: OrchestrationContext): Steps<void> {
  const { resume, ...job } = context.df.getInput<JobInput>();
  const run = yield* runJob(context, job, resume?.batch);
  if (run.kind === "paused") {
    const { deadline } = run.batch;
    context.df.continueAsNew({
      ...job,
      deadline,
      resume: { kind: "calls", batch: run.batch },
    } satisfies JobInput);
    return;
  }
  if (job.notifies) yield* notifyCompletion(context, job.jobId);
  yield* makeThumbnails(context, job.jobId, run.images);
}

/** `paused`: its one batch waits, and goes on in a new generation. */
type JobRun = { kind: "paused"; batch: BatchInput } | { kind: "over"; images: readonly number[] };

/** Begins a job, runs its calls and finishes it; or goes on with the batch that waited. */
export function* runJob(
  context: OrchestrationContext,
  job: PlannedJob,
  waited: BatchInput | undefined,
): Steps<JobRun> {
  const { jobId, deadline } = job;
  if (!waited) {
    const { proceed } = yield* call(context, steps.beginJob, { jobId }, deadline);
    if (!proceed) return { kind: "over", images: [] };
  }
  const batch = yield* runBatches(context, waited ? [waited] : batchesOf(job), jobId);
  if (batch) return { kind: "paused", batch };
  // Batches of their own may have waited for their turns.
  const ends = outageEnd(Math.max(deadline, nowMs(context)));
  const { images } = yield* call(context, steps.finishJob, { jobId }, ends);
  return { kind: "over", images };
}

function batchesOf({ jobId, protocol, deadline, n, imagesPerCall, maxParallel }: PlannedJob): BatchInput[] {
  const batches = partitionCalls(planCalls(n, imagesPerCall), maxParallel);
  return batches.map((calls) => ({ jobId, protocol, deadline, calls }));
}

/** A single batch runs right here: a child would triple its rows of history. */
function* runBatches(
  context: OrchestrationContext,
  batches: BatchInput[],
  jobId: string,
): Steps<BatchInput | undefined> {
  const [first, second] = batches;
  if (first && !second) return yield* runCalls(context, first);
  const children = batches.map((input, batch) => ({ id: instanceIds.batch(jobId, batch), input }));
  yield* runChildren(context, orchestrations.runBatch, children);
  return undefined;
}

/** Has the end told. Should even its retries fail, the job's row still says that it is due. */
export function* notifyCompletion(context: OrchestrationContext, jobId: string): Steps<void> {
  const otherwise = `jobs-reconcile tells of the end of job ${jobId}`;
  yield* callOrWarn(context, steps.notifyCompletion, { jobId }, { otherwise });
}

/** After the end: a caller who waits for images doesn't wait for their thumbnails, and a failed one is made on demand. */
export function* makeThumbnails(
  context: OrchestrationContext,
  jobId: string,
  images: readonly number[],
): Steps<void> {
  if (images.length === 0) return;
  const otherwise = `thumbnails of job ${jobId} are made on demand`;
  yield* callOrWarn(context, steps.makeAllThumbnails, { jobId, images }, { otherwise });
}
