import type { OrchestrationContext } from "durable-functions";
import { type CallStep, type LaneInput, type Step, steps } from "../contracts/workflow.ts";
import { type FaultFacts, factsOf, faultOfActivityError } from "../domain/fault.ts";
import { throttleDelayMs } from "../domain/throttle.ts";
import {
  type CallOutcome,
  type OperationOutcome,
  patience,
  type SubmitOutcome,
} from "../domain/upstream-outcome.ts";
import { call, nowMs, outageEnd, type Steps, waitUntil } from "./call.ts";

/**
 * Calls of one job, one after another. A lane never fails: whatever happens to a call is written to its slots, because
 * a lane that threw would take its job's other lanes down with it.
 */
export function* imageLane(context: OrchestrationContext): Steps<void> {
  const { jobId, protocol, calls, deadline } = context.df.getInput<LaneInput>();
  const run = protocol === "submit-poll" ? runOperation : runCall;
  for (const [position, planned] of calls.entries()) {
    const stopReason = yield* run(context, { ...planned, jobId, deadline });
    if (stopReason) {
      // What stopped this call would stop the rest of the lane too: they are not sent.
      const slots = calls.slice(position).flatMap((rest) => rest.slots);
      yield* failSlots(context, { jobId, slots, deadline }, stopReason);
      return;
    }
  }
}

/** One request that is answered with its images. Returns why further calls are not worth sending, if they aren't. */
function* runCall(context: OrchestrationContext, step: CallStep): Steps<FaultFacts | undefined> {
  return yield* recordingFailures(context, step, () => retryUntilSettled(context, steps.renderImages, step));
}

/** DALL-E 2: submit, then ask where the operation stands, as often as the service said and no more. */
function* runOperation(context: OrchestrationContext, step: CallStep): Steps<FaultFacts | undefined> {
  return yield* recordingFailures(context, step, function* () {
    const submitted = yield* retryUntilSettled(context, steps.submitOperation, step);
    if (submitted.kind !== "submitted") return submitted;
    if (!(yield* sleep(context, submitted.retryAfterMs, step.deadline))) return cutInService;
    return yield* retryUntilSettled(context, steps.collectOperation, step, { isSubmitted: true });
  });
}

/** Runs a call to its end, and gives its slots their reason when its tries are spent: the lane's others may succeed. */
function* recordingFailures(
  context: OrchestrationContext,
  step: CallStep,
  run: () => Steps<CallOutcome | SubmitOutcome>,
): Steps<FaultFacts | undefined> {
  try {
    const outcome = yield* run();
    if (outcome.kind === "rejected" || outcome.kind === "accountBlocked") return outcome.fault;
    if (outcome.kind === "unavailable") yield* failSlots(context, step, outcome.fault);
  } catch (error) {
    yield* failSlots(context, step, faultOfActivityError(error));
  }
  return undefined;
}

/** Slots that stay without a reason get one when the job is finished: nothing here may fail the lane. */
function* failSlots(
  context: OrchestrationContext,
  { jobId, slots, deadline }: Pick<CallStep, "jobId" | "slots" | "deadline">,
  fault: FaultFacts,
): Steps<void> {
  try {
    yield* call(context, steps.failSlots, { jobId, slots, fault }, outageEnd(deadline));
  } catch {
    return;
  }
}

type Again = Extract<
  SubmitOutcome | OperationOutcome,
  { kind: "throttled" | "pending" | "busy" | "fetching" | "unavailable" }
>;
type Waiting = Exclude<Again, { kind: "busy" }>;
type Settled<O> = Exclude<O, { kind: "throttled" | "pending" | "busy" | "fetching" }>;

/** Repeats a step while its call isn't settled, asleep between the tries, and counts each kind of answer for itself. */
function* retryUntilSettled<O extends SubmitOutcome | OperationOutcome>(
  context: OrchestrationContext,
  step: Step<CallStep, O>,
  input: CallStep,
  { isSubmitted = false } = {},
): Steps<Settled<O> | CallOutcome> {
  const { deadline } = input;
  let last: Waiting | undefined;
  // Answers of the last one's kind in a row, and when the first of them came.
  let count = 0;
  let since = 0;
  let busyRounds = 0;
  for (;;) {
    const outcome: SubmitOutcome | OperationOutcome = yield* call(context, step, input, outageEnd(deadline));
    if (!isAgain(outcome)) return outcome as Settled<O>;
    if (outcome.kind === "busy") {
      // Nothing was asked, so it says nothing of the service.
      busyRounds += 1;
      if (yield* sleep(context, busyPauseMs(outcome, busyRounds, nowMs(context)), deadline)) continue;
      return isSubmitted ? cutInService : neverAsked;
    }
    const isSame = outcome.kind === last?.kind;
    count = isSame ? count + 1 : 1;
    since = isSame ? since : nowMs(context);
    last = outcome;
    if (outcome.kind === "unavailable" && isGivenUp(outcome, count, nowMs(context) - since)) return outcome;
    const delayMs = throttleDelayMs(outcome.retryAfterMs, count - 1);
    // What is paid for is fetched for as long as its step says, though the deadline passes.
    if (outcome.kind === "fetching") yield* waitUntil(context, nowMs(context) + delayMs);
    else if (!(yield* sleep(context, delayMs, deadline))) return timeIsUp(outcome, delayMs);
  }
}

function isAgain(outcome: SubmitOutcome | OperationOutcome): outcome is Again {
  return ["throttled", "pending", "busy", "fetching", "unavailable"].includes(outcome.kind);
}

/** With a doubt about the bill, as often as a call that broke is tried again; without one, for as long as it is worth. */
function isGivenUp(
  { mayBeBilled, patienceMs = patience.defaultMs }: Extract<Again, { kind: "unavailable" }>,
  count: number,
  elapsedMs: number,
): boolean {
  return mayBeBilled ? count >= steps.renderImages.retry.attempts : elapsedMs >= patienceMs;
}

const maxBusyPauseMs = 15_000;

function busyPauseMs({ retryAt }: { retryAt: number }, round: number, now: number): number {
  return Math.max(retryAt - now, Math.min(maxBusyPauseMs, 1_000 * 2 ** Math.min(round - 1, 4)));
}

function timeIsUp(outcome: Waiting, delayMs: number): CallOutcome {
  switch (outcome.kind) {
    case "unavailable":
      return outcome;
    case "throttled":
      return throttledPastDeadline(delayMs);
    case "pending":
    case "fetching":
      return cutInService;
  }
}

/** False, at once, when the job would be out of time before it woke. */
function* sleep(context: OrchestrationContext, delayMs: number, deadline: number): Steps<boolean> {
  const wakeAt = nowMs(context) + delayMs;
  if (wakeAt >= deadline) return false;
  yield* waitUntil(context, wakeAt);
  return true;
}

function throttledPastDeadline(delayMs: number): CallOutcome {
  const seconds = Math.ceil(delayMs / 1000);
  const message = `The service is throttling and asks to wait ${seconds} s, longer than the job's deadline allows.`;
  return { kind: "rejected", fault: factsOf("throttled", message) };
}

const outOfTime = (message: string): CallOutcome => ({
  kind: "rejected",
  fault: factsOf("deadlineExceeded", message),
});
const neverAsked = outOfTime("The job's deadline passed before the service was asked for this image.");
const cutInService = outOfTime(
  "The job's deadline passed while the service was working on it; Darkroom stopped waiting, and the service may bill it.",
);
