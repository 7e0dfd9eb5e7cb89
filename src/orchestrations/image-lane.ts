import type { OrchestrationContext } from "durable-functions";
import { type CallStep, type LaneInput, type Step, steps } from "../contracts/workflow.ts";
import { type FaultFacts, factsOf, faultOfActivityError } from "../domain/fault.ts";
import { throttleDelayMs } from "../domain/throttle.ts";
import type { OperationOutcome } from "../domain/upstream-outcome.ts";
import { call, nowMs, type Steps, waitUntil } from "./call.ts";

/**
 * Calls of one job, one after another. A lane never fails: whatever happens to a call is written to its slots, because
 * a lane that threw would take its job's other lanes down with it.
 */
export function* imageLane(context: OrchestrationContext): Steps<void> {
  const { jobId, protocol, calls, deadline } = context.df.getInput<LaneInput>();
  for (const [position, planned] of calls.entries()) {
    const step: CallStep = { ...planned, jobId, deadline };
    const hopeless =
      protocol === "submit-poll" ? yield* runOperation(context, step) : yield* runCall(context, step);
    if (hopeless) {
      // What stopped this call would stop the rest of the lane too: they are not sent.
      const slots = calls.slice(position).flatMap((rest) => rest.slots);
      yield* call(context, steps.failSlots, { jobId, slots, fault: hopeless });
      return;
    }
  }
}

/** One request that is answered with its images. Returns why further calls are hopeless, if they are. */
function* runCall(context: OrchestrationContext, step: CallStep): Steps<FaultFacts | undefined> {
  return yield* settle(context, step, () => untilAnswered(context, steps.renderImages, step));
}

/** DALL-E 2: submit, then ask where the operation stands, as often as the service said and no more. */
function* runOperation(context: OrchestrationContext, step: CallStep): Steps<FaultFacts | undefined> {
  return yield* settle(context, step, function* () {
    const submitted = yield* untilAnswered(context, steps.submitOperation, step);
    if (submitted.kind !== "pending") return submitted;
    if (!(yield* sleep(context, submitted.retryAfterMs, step.deadline))) return outOfTime();
    return yield* untilAnswered(context, steps.collectOperation, step, "pending");
  });
}

function* settle(
  context: OrchestrationContext,
  step: CallStep,
  run: () => Steps<OperationOutcome>,
): Steps<FaultFacts | undefined> {
  try {
    const outcome = yield* run();
    return outcome.kind === "rejected" || outcome.kind === "accountBlocked" ? outcome.fault : undefined;
  } catch (error) {
    // Every try is spent. The slots of this call are lost; the lane's others may still succeed.
    const fault = faultOfActivityError(error);
    yield* call(context, steps.failSlots, { jobId: step.jobId, slots: step.slots, fault });
    return undefined;
  }
}

/** Repeats a step while the service says "later" (and, for an operation, "not yet"), asleep between the tries. */
function* untilAnswered(
  context: OrchestrationContext,
  step: Step<CallStep, OperationOutcome>,
  input: CallStep,
  alsoWaitFor?: "pending",
): Steps<OperationOutcome> {
  for (let round = 0; ; round += 1) {
    const outcome = yield* call(context, step, input);
    if (outcome.kind !== "throttled" && outcome.kind !== alsoWaitFor) return outcome;
    if (!("retryAfterMs" in outcome)) return outcome;
    const delayMs = throttleDelayMs(outcome.retryAfterMs, round);
    if (!(yield* sleep(context, delayMs, input.deadline))) {
      return outcome.kind === "throttled" ? turnedAway(delayMs) : outOfTime();
    }
  }
}

/** False, at once, when the job would be out of time before it woke. */
function* sleep(context: OrchestrationContext, delayMs: number, deadline: number): Steps<boolean> {
  const wakeAt = nowMs(context) + delayMs;
  if (wakeAt >= deadline) return false;
  yield* waitUntil(context, wakeAt);
  return true;
}

function turnedAway(delayMs: number): OperationOutcome {
  const seconds = Math.ceil(delayMs / 1000);
  const message = `The service is throttling and asks to wait ${seconds} s, longer than the job's deadline allows.`;
  return { kind: "rejected", fault: factsOf("throttled", message) };
}

function outOfTime(): OperationOutcome {
  return {
    kind: "rejected",
    fault: factsOf("deadlineExceeded", "The job's deadline passed before the service was done."),
  };
}
