import type { FaultFacts } from "./fault.ts";

/**
 * How one upstream call ended, as the orchestration sees it. These are the ends that trying again at once can't cure;
 * everything else is thrown. Which slots got an image and which a reason is already recorded when one of these returns,
 * except for `throttled`, which settles nothing.
 */
export type CallOutcome =
  | { kind: "stored" }
  | { kind: "refused" }
  | { kind: "throttled"; retryAfterMs: number }
  | { kind: "rejected"; fault: FaultFacts }
  | { kind: "accountBlocked"; fault: FaultFacts };

/** Where a submitted operation stands: still running, or at one of the ends. */
export type OperationOutcome = CallOutcome | { kind: "pending"; retryAfterMs: number };
