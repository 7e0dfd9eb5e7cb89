import type { FaultFacts } from "./fault.ts";

/** The service wasn't there, or said so. With `mayBeBilled`, a call may have gone on behind it. */
export interface Unavailable {
  kind: "unavailable";
  fault: FaultFacts;
  /** 0 when no wait was named. */
  retryAfterMs: number;
  mayBeBilled: boolean;
  /** For how long the service is asked again, from its first such answer on; absent: as long as is usual. */
  patienceMs?: number;
}

/**
 * How one upstream call ended, as the orchestration sees it. These are the ends that trying again at once can't cure;
 * everything else is thrown. A `lost` call was sent often enough, or long enough, without anybody seeing its end. Which slots got an
 * image and which a reason is already recorded when one of these returns, except for those that settle nothing: `throttled`
 * and `unavailable`, when the service said later, or wasn't there to say it; `busy`, when this instance has no place for one
 * more call; and `fetching`, when images of an answer are still to be fetched.
 */
export type CallOutcome =
  | { kind: "stored" }
  | { kind: "refused" }
  | { kind: "lost" }
  | { kind: "throttled"; retryAfterMs: number }
  | { kind: "busy"; retryAt: number }
  | { kind: "fetching"; retryAfterMs: number }
  | Unavailable
  | { kind: "rejected"; fault: FaultFacts }
  | { kind: "accountBlocked"; fault: FaultFacts };

/** An operation was taken; ask where it stands after the wait. */
export type SubmitOutcome = CallOutcome | { kind: "submitted"; retryAfterMs: number };

/** Where a submitted operation stands: still running, or at one of the ends. */
export type OperationOutcome = CallOutcome | { kind: "pending"; retryAfterMs: number };
