import type { OrchestrationContext } from "durable-functions";
import { type JobInput, type LaneInput, orchestrations, steps } from "../contracts/workflow.ts";
import { dealLanes, planCalls } from "../domain/plan-calls.ts";
import { call, callForEach, outageEnd, runChildren, type Steps } from "./call.ts";

/** One job from its start to its last thumbnail. */
export function* imageJob(context: OrchestrationContext): Steps<void> {
  const job = context.df.getInput<JobInput>();
  const end = yield* runJob(context, job);
  if (job.notifies) yield* notify(context, job.jobId);
  if (end) yield* makeThumbnails(context, job.jobId, end.images);
}

/** Begins a job, runs its calls and finishes it. Undefined when it had ended already. */
export function* runJob(
  context: OrchestrationContext,
  job: JobInput,
): Steps<{ images: number[] } | undefined> {
  const { proceed } = yield* call(context, steps.beginJob, { jobId: job.jobId }, job.deadline);
  if (!proceed) return undefined;

  const lanes = dealLanes(planCalls(job.n, job.imagesPerCall), job.maxParallel);
  yield* runChildren(
    context,
    orchestrations.imageLane,
    lanes.map((calls, lane) => ({
      id: `${job.jobId}-${lane}`,
      input: { jobId: job.jobId, protocol: job.protocol, deadline: job.deadline, calls } satisfies LaneInput,
    })),
  );

  return yield* call(context, steps.finishJob, { jobId: job.jobId }, outageEnd(job.deadline));
}

/** Has the end told. Should even its retries fail, the job's row still says that it is due, and jobs-reconcile does it. */
export function* notify(context: OrchestrationContext, jobId: string): Steps<void> {
  try {
    yield* call(context, steps.notify, { jobId });
  } catch {
    return;
  }
}

/** After the end: a caller who waits for images doesn't wait for their thumbnails, and a failed one is made on demand. */
export function* makeThumbnails(
  context: OrchestrationContext,
  jobId: string,
  images: readonly number[],
): Steps<void> {
  try {
    yield* callForEach(
      context,
      steps.makeThumbnails,
      images.map((index) => ({ jobId, index })),
    );
  } catch {
    return;
  }
}
