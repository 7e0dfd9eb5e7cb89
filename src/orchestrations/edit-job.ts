import type { OrchestrationContext } from "durable-functions";
import { type EditJobInput, type LookForInputs, steps } from "../contracts/workflow.ts";
import type { ErrorInfo } from "../domain/app-error.ts";
import { call, nowMs, outageEnd, type Steps, waitUntil } from "./call.ts";
import { makeThumbnails, notifyCompletion, runJob } from "./image-job.ts";

/** An edit whose inputs arrive by themselves: through tickets, or in the inbox. */
export function* editJob(context: OrchestrationContext): Steps<void> {
  const { resume, ...job } = context.df.getInput<EditJobInput>();
  const { jobId } = job;
  const look = resume?.kind === "look" ? resume : firstLook;
  const gathered = resume?.kind === "calls" ? ready : yield* gatherInputs(context, job, look);
  if (gathered.kind === "waiting") {
    context.df.continueAsNew({ ...job, resume: gathered.next } satisfies EditJobInput);
    return;
  }
  const run =
    gathered.kind === "refused"
      ? yield* refuse(context, job, gathered.failure)
      : yield* runJob(context, job, resume?.kind === "calls" ? resume.batch : undefined);
  if (run.kind === "paused") {
    const { deadline } = run.batch;
    context.df.continueAsNew({
      ...job,
      deadline,
      resume: { kind: "calls", batch: run.batch },
    } satisfies EditJobInput);
    return;
  }
  if (job.publishes) yield* call(context, steps.publishResult, { jobId });
  if (job.notifies) yield* notifyCompletion(context, jobId);
  yield* makeThumbnails(context, jobId, run.images);
}

function* refuse(
  context: OrchestrationContext,
  { jobId, deadline }: Pick<EditJobInput, "jobId" | "deadline">,
  failure: ErrorInfo,
): Steps<{ kind: "over"; images: readonly number[] }> {
  const { images } = yield* call(context, steps.finishJob, { jobId, failure }, outageEnd(deadline));
  return { kind: "over", images };
}

const firstPauseMs = 1_000;
const maxPauseMs = 15_000;
const firstLook: LookForInputs = { kind: "look", pauseMs: firstPauseMs };
const ready = { kind: "ready" } as const;

type Gathered =
  | { kind: "ready" }
  | { kind: "refused"; failure: ErrorInfo }
  | { kind: "waiting"; next: LookForInputs };

/**
 * Looks once whether the inputs are all there, after the look's own wait. While they aren't, the next look is for a new
 * generation: the history of a job whose inputs are slow doesn't grow.
 */
function* gatherInputs(
  context: OrchestrationContext,
  { jobId, arriveBy, deadline }: Omit<EditJobInput, "resume">,
  { wakeAt, pauseMs }: LookForInputs,
): Steps<Gathered> {
  if (wakeAt !== undefined) yield* waitUntil(context, wakeAt);
  const isLast = nowMs(context) >= arriveBy;
  const outcome = yield* call(context, steps.gatherInputs, { jobId, isLast }, deadline);
  if (outcome.kind !== "waiting") return outcome;
  const next: LookForInputs = {
    kind: "look",
    wakeAt: Math.min(nowMs(context) + pauseMs, arriveBy),
    pauseMs: Math.min(maxPauseMs, pauseMs * 2),
  };
  return { kind: "waiting", next };
}
