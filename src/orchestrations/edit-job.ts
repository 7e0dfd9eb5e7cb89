import type { OrchestrationContext } from "durable-functions";
import { type EditJobInput, steps } from "../contracts/workflow.ts";
import type { FaultFacts } from "../domain/fault.ts";
import { call, nowMs, outageEnd, type Steps, waitUntil } from "./call.ts";
import { makeThumbnails, notify, runJob } from "./image-job.ts";

/** An edit whose inputs arrive by themselves: through tickets, or in the inbox. */
export function* editJob(context: OrchestrationContext): Steps<void> {
  const job = context.df.getInput<EditJobInput>();
  const { jobId } = job;
  const fault = yield* gatherInputs(context, job);
  const end = fault
    ? yield* call(context, steps.finishJob, { jobId, fault }, outageEnd(job.deadline))
    : yield* runJob(context, job);
  if (job.publishes) yield* call(context, steps.publishResult, { jobId });
  if (job.notifies) yield* notify(context, jobId);
  if (end) yield* makeThumbnails(context, jobId, end.images);
}

const firstPauseMs = 1_000;
const longestPauseMs = 15_000;

/** Looks for the inputs until they are all there, asleep in between. Returns why the job can't begin, if it can't. */
function* gatherInputs(
  context: OrchestrationContext,
  { jobId, arriveBy, deadline }: EditJobInput,
): Steps<FaultFacts | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const isLast = nowMs(context) >= arriveBy;
    const outcome = yield* call(context, steps.gatherInputs, { jobId, isLast }, deadline);
    if (outcome.kind === "ready") return undefined;
    if (outcome.kind === "refused") return outcome.fault;
    yield* waitUntil(context, Math.min(nowMs(context) + pauseMs, arriveBy));
  }
}
