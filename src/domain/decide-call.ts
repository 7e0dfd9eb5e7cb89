import { errorInfo, type ErrorInfo } from "./app-error.ts";
import { attemptsExhausted } from "./call-attempts.ts";

/** What is known of a call that has no answer yet. Slots are numbers of the job's images. */
interface UnansweredCall {
  /** Ids of earlier sends whose end nobody has seen, in order. Absent: it was never sent. */
  inDoubt?: readonly string[] | undefined;
  /** Slots without an end, and those of them whose image an earlier send has stored. */
  open: readonly number[];
  stored: readonly number[];
  /** It is billed once however often it is sent. */
  isRepeatable: boolean;
}

export type CallDecision =
  /** `isPaidAnew`: as a call in doubt counts as spent. */
  | { kind: "send"; wanted: number[]; isPaidAnew: boolean }
  /** All of it is there: a bill that came with images is no doubt, and what was stored answers the latest attempt. */
  | { kind: "stored"; answered: string }
  | { kind: "givenUp"; isLost: boolean; wanted: number[]; failure: ErrorInfo };

/** What is to become of a call. Times are in epoch milliseconds. */
export function decideCall(call: UnansweredCall, now: number, deadline: number): CallDecision {
  const { inDoubt, open, stored, isRepeatable } = call;
  const wanted = open.filter((slot) => !stored.includes(slot));
  const isInDoubt = inDoubt !== undefined && inDoubt.length > 0;
  if (inDoubt && wanted.length === 0) return { kind: "stored", answered: inDoubt.at(-1) ?? "" };
  if (inDoubt && !isRepeatable && attemptsExhausted({ inDoubt }))
    return { kind: "givenUp", isLost: true, wanted, failure: exhausted };
  if (now >= deadline) return { kind: "givenUp", isLost: false, wanted, failure: tooLate(isInDoubt) };
  return { kind: "send", wanted, isPaidAnew: isInDoubt && !isRepeatable };
}

const exhausted = errorInfo(
  "upstreamUnavailable",
  "The service was asked six times and nobody saw the end of it.",
);

/** Why a call is not sent any more. */
export function tooLate(wasAsked: boolean): ErrorInfo {
  const asked =
    "The job's deadline passed before an answer was seen; the service was asked, and may bill it.";
  return errorInfo(
    "deadlineExceeded",
    wasAsked ? asked : "The job's deadline passed before the service was asked.",
  );
}
