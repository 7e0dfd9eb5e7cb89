import type { OrchestrationContext } from "durable-functions";
import {
  instanceIds,
  type JobInput,
  type LaneInput,
  orchestrations,
  type PlannedJob,
  steps,
} from "../contracts/workflow.ts";
import { dealLanes, planCalls } from "../domain/plan-calls.ts";
import { call, outageEnd, runChildren, type Steps } from "./call.ts";
import { runCalls } from "./image-lane.ts";

/** One job from its start to its last thumbnail. */
export function* imageJob(context: OrchestrationContext): Steps<void> {
  const { resume, ...job } = context.df.getInput<JobInput>();
  const run = yield* runJob(context, job, resume?.lane);
  if (run.kind === "paused") {
    context.df.continueAsNew({ ...job, resume: { kind: "calls", lane: run.lane } } satisfies JobInput);
    return;
  }
  if (job.notifies) yield* notify(context, job.jobId);
  yield* makeThumbnails(context, job.jobId, run.images);
}

/** `paused`: its one lane waits, and goes on in a new generation. */
type JobRun = { kind: "paused"; lane: LaneInput } | { kind: "over"; images: readonly number[] };

/** Begins a job, runs its calls and finishes it; or goes on with the lane that waited. */
export function* runJob(
  context: OrchestrationContext,
  job: PlannedJob,
  waited: LaneInput | undefined,
): Steps<JobRun> {
  const { jobId, deadline } = job;
  if (!waited) {
    const { proceed } = yield* call(context, steps.beginJob, { jobId }, deadline);
    if (!proceed) return { kind: "over", images: [] };
  }
  const lane = yield* runLanes(context, waited ? [waited] : lanesOf(job), jobId);
  if (lane) return { kind: "paused", lane };
  const { images } = yield* call(context, steps.finishJob, { jobId }, outageEnd(deadline));
  return { kind: "over", images };
}

function lanesOf({ jobId, protocol, deadline, n, imagesPerCall, maxParallel }: PlannedJob): LaneInput[] {
  const lanes = dealLanes(planCalls(n, imagesPerCall), maxParallel);
  return lanes.map((calls) => ({ jobId, protocol, deadline, calls }));
}

/** A single lane runs right here: a child would triple its rows of history. */
function* runLanes(
  context: OrchestrationContext,
  lanes: LaneInput[],
  jobId: string,
): Steps<LaneInput | undefined> {
  const [first, second] = lanes;
  if (first && !second) return yield* runCalls(context, first);
  const children = lanes.map((input, lane) => ({ id: instanceIds.lane(jobId, lane), input }));
  yield* runChildren(context, orchestrations.imageLane, children);
  return undefined;
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
  if (images.length === 0) return;
  try {
    yield* call(context, steps.makeAllThumbnails, { jobId, images });
  } catch {
    return;
  }
}
