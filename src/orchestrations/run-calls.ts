import type { OrchestrationContext } from "durable-functions";
import { type CallStep, type BatchInput, type Step, steps } from "../contracts/workflow.ts";
import { type CallPause, type CallProgress, progressOf } from "../domain/call-pause.ts";
import { type ErrorInfo, activityErrorInfo, isStorageFailure } from "../domain/app-error.ts";
import { tryAgain } from "../domain/step-retry.ts";
import type { OperationOutcome, SubmitOutcome } from "../domain/upstream-outcome.ts";
import { callOnce, callOrWarn, nowMs, outageEnd, type Steps, waitUntil } from "./call.ts";

/** The calls of one batch of a job that has several. */
export function* runBatch(context: OrchestrationContext): Steps<void> {
  const rest = yield* runCalls(context, context.df.getInput<BatchInput>());
  if (rest) context.df.continueAsNew(rest);
}

/**
 * Runs calls one after another. When one must wait it returns what is left, to go on with in a new generation, which begins
 * with the wait: however often a call waits, its history doesn't grow.
 *
 * A batch never fails: whatever happens to a call is written to its slots, because a batch that threw would take its job's other
 * batches down with it.
 */
export function* runCalls(
  context: OrchestrationContext,
  { pause, ...batch }: BatchInput,
): Steps<BatchInput | undefined> {
  const { jobId, protocol, calls, deadline } = batch;
  for (const [position, planned] of calls.entries()) {
    const step = { ...planned, jobId, deadline };
    const end = yield* runCall(context, protocol, step, position === 0 ? pause : undefined);
    if (end.kind === "paused") {
      // What a call waits for its turn is no part of the time that its job may run: its steps see to that one's end.
      const { pause: next, queuedMs = 0 } = end;
      return { ...batch, deadline: deadline + queuedMs, calls: calls.slice(position), pause: next };
    }
    if (end.kind === "aborted") {
      // What stopped this call would stop the rest of the batch too: they are not sent.
      const slots = calls.slice(position).flatMap((rest) => rest.slots);
      yield* failSlots(context, { jobId, slots, deadline }, end.reason);
      return undefined;
    }
  }
  return undefined;
}

type CallEnd =
  | { kind: "over" }
  | Extract<CallProgress, { kind: "paused" }>
  /** Further calls are not worth sending. */
  | { kind: "aborted"; reason: ErrorInfo };

/** Takes a call a step further, and gives its slots their reason when its tries are spent: the batch's others may succeed. */
function* runCall(
  context: OrchestrationContext,
  protocol: BatchInput["protocol"],
  step: CallStep,
  pause: CallPause | undefined,
): Steps<CallEnd> {
  try {
    const progress = yield* takeStep(context, protocol, step, pause);
    if (progress.kind === "paused") return progress;
    const { outcome } = progress;
    if (outcome.kind === "rejected" || outcome.kind === "accountBlocked")
      return { kind: "aborted", reason: outcome.failure };
    if (outcome.kind === "unavailable") yield* failSlots(context, step, outcome.failure);
  } catch (error) {
    yield* failSlots(context, step, activityErrorInfo(error));
  }
  return { kind: "over" };
}

type CallOfService = Step<CallStep, SubmitOutcome | OperationOutcome>;

/** One request that is answered with its images; or DALL-E 2's two: submit, then ask where the operation stands. */
function* takeStep(
  context: OrchestrationContext,
  protocol: BatchInput["protocol"],
  input: CallStep,
  pause: CallPause | undefined,
): Steps<CallProgress> {
  if (pause) yield* waitUntil(context, pause.wakeAt);
  const ofOperation = pause?.isSubmitted ? steps.collectOperation : steps.submitOperation;
  const step: CallOfService = protocol === "submit-poll" ? ofOperation : steps.renderImages;
  const { deadline } = input;
  let outcome: SubmitOutcome | OperationOutcome;
  try {
    outcome = yield* callOnce(context, step, input);
  } catch (error) {
    const bounds = { now: nowMs(context), outageEnds: outageEnd(deadline), retry: step.retry };
    const again = tryAgain(pause?.tries, isStorageFailure(error), bounds);
    if (!again) throw error;
    return { kind: "paused", pause: { isSubmitted: false, busyRounds: 0, ...pause, ...again } };
  }
  return progressOf(outcome, pause, {
    now: nowMs(context),
    deadline,
    maxAttemptsInDoubt: steps.renderImages.retry.attempts,
  });
}

/** Slots that stay without a reason get one when the job is finished: nothing here may fail the batch. */
function* failSlots(
  context: OrchestrationContext,
  { jobId, slots, deadline }: Pick<CallStep, "jobId" | "slots" | "deadline">,
  failure: ErrorInfo,
): Steps<void> {
  const otherwise = `slots of job ${jobId} get their reason when it is finished`;
  const outageEnds = outageEnd(deadline);
  yield* callOrWarn(context, steps.failSlots, { jobId, slots, failure }, { otherwise, outageEnds });
}
