import type { OrchestrationContext } from "durable-functions";
import { type CallStep, type LaneInput, type Step, steps } from "../contracts/workflow.ts";
import { type FaultFacts, factsOf, faultOfActivityError } from "../domain/fault.ts";
import { throttleDelayMs } from "../domain/throttle.ts";
import type {
  CallOutcome,
  OperationOutcome,
  SubmitOutcome,
  Unavailable,
} from "../domain/upstream-outcome.ts";
import { call, nowMs, type Steps, waitUntil } from "./call.ts";

/**
 * Calls of one job, one after another. A lane never fails: whatever happens to a call is written to its slots, because
 * a lane that threw would take its job's other lanes down with it.
 */
export function* imageLane(context: OrchestrationContext): Steps<void> {
  const { jobId, protocol, calls, deadline } = context.df.getInput<LaneInput>();
  const run = protocol === "submit-poll" ? runOperation : runCall;
  for (const [position, planned] of calls.entries()) {
    const hopeless = yield* run(context, { ...planned, jobId, deadline });
    if (hopeless) {
      // What stopped this call would stop the rest of the lane too: they are not sent.
      const slots = calls.slice(position).flatMap((rest) => rest.slots);
      yield* failSlots(context, jobId, slots, hopeless);
      return;
    }
  }
}

/** One request that is answered with its images. Returns why further calls are hopeless, if they are. */
function* runCall(context: OrchestrationContext, step: CallStep): Steps<FaultFacts | undefined> {
  return yield* lossOf(context, step, () => untilAnswered(context, steps.renderImages, step));
}

/** DALL-E 2: submit, then ask where the operation stands, as often as the service said and no more. */
function* runOperation(context: OrchestrationContext, step: CallStep): Steps<FaultFacts | undefined> {
  return yield* lossOf(context, step, function* () {
    const taken = yield* untilAnswered(context, steps.submitOperation, step);
    if (taken.kind !== "submitted") return taken;
    if (!(yield* sleep(context, taken.retryAfterMs, step.deadline))) return outOfTime;
    return yield* untilAnswered(context, steps.collectOperation, step);
  });
}

/** Runs a call to its end, and gives its slots their reason when its tries are spent: the lane's others may succeed. */
function* lossOf(
  context: OrchestrationContext,
  { jobId, slots }: CallStep,
  run: () => Steps<CallOutcome | SubmitOutcome>,
): Steps<FaultFacts | undefined> {
  try {
    const outcome = yield* run();
    if (outcome.kind === "rejected" || outcome.kind === "accountBlocked") return outcome.fault;
    if (outcome.kind === "unavailable") yield* failSlots(context, jobId, slots, outcome.fault);
  } catch (error) {
    yield* failSlots(context, jobId, slots, faultOfActivityError(error));
  }
  return undefined;
}

/** Slots that stay without a reason get one when the job is finished: nothing here may fail the lane. */
function* failSlots(
  context: OrchestrationContext,
  jobId: string,
  slots: number[],
  fault: FaultFacts,
): Steps<void> {
  try {
    yield* call(context, steps.failSlots, { jobId, slots, fault });
  } catch {
    return;
  }
}

type Answered<O> = Exclude<O, { kind: "throttled" | "pending" }>;

/** Repeats a step while the service says "later" or "not yet", or isn't there to say it; asleep between the tries. */
function* untilAnswered<O extends SubmitOutcome | OperationOutcome>(
  context: OrchestrationContext,
  step: Step<CallStep, O>,
  input: CallStep,
): Steps<Answered<O> | CallOutcome> {
  for (let round = 0; ; round += 1) {
    const outcome: SubmitOutcome | OperationOutcome = yield* call(context, step, input);
    if (!("retryAfterMs" in outcome) || outcome.kind === "submitted") return outcome as Answered<O>;
    if (outcome.kind === "unavailable" && round >= mostRepeats(outcome)) return outcome;
    const delayMs = throttleDelayMs(outcome.retryAfterMs, round);
    if (yield* sleep(context, delayMs, input.deadline)) continue;
    if (outcome.kind === "unavailable") return outcome;
    return outcome.kind === "throttled" ? turnedAway(delayMs) : outOfTime;
  }
}

/**
 * Without a doubt about the bill about a minute in all, by waits that double from one second: long enough for a restart,
 * too short to hang on a typing error. With one, as often as a call that broke is tried again.
 */
function mostRepeats({ mayBeBilled }: Unavailable): number {
  return mayBeBilled ? steps.renderImages.retry.attempts - 1 : 6;
}

/** False, at once, when the job would be out of time before it woke. */
function* sleep(context: OrchestrationContext, delayMs: number, deadline: number): Steps<boolean> {
  const wakeAt = nowMs(context) + delayMs;
  if (wakeAt >= deadline) return false;
  yield* waitUntil(context, wakeAt);
  return true;
}

function turnedAway(delayMs: number): CallOutcome {
  const seconds = Math.ceil(delayMs / 1000);
  const message = `The service is throttling and asks to wait ${seconds} s, longer than the job's deadline allows.`;
  return { kind: "rejected", fault: factsOf("throttled", message) };
}

const outOfTime: CallOutcome = {
  kind: "rejected",
  fault: factsOf("deadlineExceeded", "The job's deadline passed before the service was done."),
};
