import { errorInfo } from "./app-error.ts";
import type { FailedTries } from "./step-retry.ts";
import { throttleDelayMs, turnedAwayDelayMs } from "./throttle.ts";
import { type CallOutcome, type OperationOutcome, patience, type SubmitOutcome } from "./upstream-outcome.ts";

/** A call that waits, with all that its next step must know. */
export interface CallPause {
  /** Epoch milliseconds. */
  wakeAt: number;
  /** Whether its operation was taken, so that the next step asks where it stands. */
  isSubmitted: boolean;
  /** How often the instance had no place for it. */
  busyRounds: number;
  /** Answers of the last one's kind in a row, and when the first of them came. */
  streak?: { kind: Answer["kind"]; count: number; since: number };
  /** Of the step that comes next. */
  tries?: FailedTries;
}

export type CallProgress =
  /** `queuedMs`: how long it waits for its turn, in which its job doesn't run. */
  { kind: "paused"; pause: CallPause; queuedMs?: number } | { kind: "settled"; outcome: CallOutcome };

/** What says later, and settles nothing. */
type Answer = Extract<
  SubmitOutcome | OperationOutcome,
  { kind: "throttled" | "pending" | "fetching" | "unavailable" }
>;

interface Bounds {
  /** Both in epoch milliseconds. */
  now: number;
  deadline: number;
  /** How often a call that may be billed is sent while the service isn't there. */
  maxAttemptsInDoubt: number;
}

/** What follows from a step's outcome: its call is settled, or it waits, but not for what comes after its deadline. */
export function progressOf(
  outcome: SubmitOutcome | OperationOutcome,
  before: CallPause | undefined,
  bounds: Bounds,
): CallProgress {
  const { now, deadline } = bounds;
  const { isSubmitted, busyRounds, streak } = before ?? { isSubmitted: false, busyRounds: 0 };
  switch (outcome.kind) {
    case "submitted": {
      const wakeAt = now + outcome.retryAfterMs;
      return within(deadline, { wakeAt, isSubmitted: true, busyRounds: 0 }, cutInService);
    }
    case "busy": {
      // Nothing was asked, so it says nothing of the service.
      const wakeAt = Math.max(outcome.retryAt, now + busyPauseMs(busyRounds));
      const pause = { wakeAt, isSubmitted, busyRounds: busyRounds + 1, ...(streak && { streak }) };
      return within(deadline, pause, isSubmitted ? cutInService : neverAsked);
    }
    case "queued": {
      const wakeAt = Math.max(outcome.until, now + minQueuedMs);
      const pause = { wakeAt, isSubmitted, busyRounds, ...(streak && { streak }) };
      return { kind: "paused", pause, queuedMs: wakeAt - now };
    }
    case "throttled":
    case "pending":
    case "fetching":
    case "unavailable": {
      const { kind } = outcome;
      const [count, since] = streak?.kind === kind ? [streak.count + 1, streak.since] : [1, now];
      if (kind === "unavailable" && isGivenUp(outcome, count, now - since, bounds)) return settled(outcome);
      const delayOf = kind === "throttled" ? turnedAwayDelayMs : throttleDelayMs;
      const delayMs = delayOf(outcome.retryAfterMs, count - 1);
      const pause = { wakeAt: now + delayMs, isSubmitted, busyRounds, streak: { kind, count, since } };
      // What is paid for is fetched for as long as its step says, though the deadline passes.
      if (kind === "fetching") return { kind: "paused", pause };
      return within(deadline, pause, timeIsUp(outcome, delayMs));
    }
    default:
      return settled(outcome);
  }
}

function settled(outcome: CallOutcome): CallProgress {
  return { kind: "settled", outcome };
}

function within(deadline: number, pause: CallPause, otherwise: CallOutcome): CallProgress {
  return pause.wakeAt < deadline ? { kind: "paused", pause } : settled(otherwise);
}

/** With a doubt about the bill, as often as a call that broke is tried again; without one, for as long as it is worth. */
function isGivenUp(
  { mayBeBilled, patienceMs = patience.defaultMs }: Extract<Answer, { kind: "unavailable" }>,
  count: number,
  elapsedMs: number,
  { maxAttemptsInDoubt }: Bounds,
): boolean {
  return mayBeBilled ? count >= maxAttemptsInDoubt : elapsedMs >= patienceMs;
}

const minQueuedMs = 1_000;
const maxBusyPauseMs = 15_000;

function busyPauseMs(rounds: number): number {
  return Math.min(maxBusyPauseMs, 1_000 * 2 ** Math.min(rounds, 4));
}

function timeIsUp(outcome: Exclude<Answer, { kind: "fetching" }>, delayMs: number): CallOutcome {
  switch (outcome.kind) {
    case "unavailable":
      return outcome;
    case "throttled":
      return throttledPastDeadline(delayMs);
    case "pending":
      return cutInService;
  }
}

function throttledPastDeadline(delayMs: number): CallOutcome {
  const seconds = Math.ceil(delayMs / 1000);
  const message = `The service is throttling and asks to wait ${seconds} s, longer than the job's deadline allows.`;
  return { kind: "rejected", failure: errorInfo("throttled", message) };
}

const deadlineExceeded = (message: string): CallOutcome => ({
  kind: "rejected",
  failure: errorInfo("deadlineExceeded", message),
});
const neverAsked = deadlineExceeded("The job's deadline passed before the service was asked for this image.");
const cutInService = deadlineExceeded(
  "The job's deadline passed while the service was working on it; Darkroom stopped waiting, and the service may bill it.",
);
