import type { ErrorInfo } from "./app-error.ts";

/** The service wasn't there, or said so. With `mayBeBilled`, a call may have gone on behind it. */
export interface Unavailable {
  kind: "unavailable";
  failure: ErrorInfo;
  /** 0 when no wait was named. */
  retryAfterMs: number;
  mayBeBilled: boolean;
  /** For how long, from the first such answer, the service is asked again; `patience.defaultMs` when absent. */
  patienceMs?: number;
}

/** For how long a service that isn't there is asked again, by what it says of itself. In milliseconds. */
export const patience = {
  /** Enough for a restart, too little to hang on a typing error. */
  defaultMs: 60_000,
  /** A deployment that was just made is unknown for minutes (Azure/azure-dev #4037). */
  deploymentMs: 2 * 60_000,
  /** A role that was just given takes up to five minutes to arrive. */
  roleMs: 5 * 60_000,
  /** An operation is paid for, and asking where it stands costs nothing. */
  operationMs: 10 * 60_000,
  /** An operation that was just submitted may not be known everywhere yet. */
  youngOperationMs: 2 * 60_000,
} as const;

/**
 * How one upstream call ended, as the orchestration sees it. These are the ends that trying again at once can't cure;
 * everything else is thrown. A `lost` call was sent often enough, or long enough, without anybody seeing its end. Which slots got an
 * image and which a reason is already recorded when one of these returns, except for those that settle nothing: `throttled`
 * and `unavailable`, when the service said later, or wasn't there to say it; `busy`, when this instance has no place for one
 * more call; `queued`, when its quota pool has no room yet, until then in epoch milliseconds; and `fetching`, when images of an answer are still to be fetched.
 */
export type CallOutcome =
  | { kind: "stored" }
  | { kind: "refused" }
  | { kind: "lost" }
  | { kind: "throttled"; retryAfterMs: number }
  | { kind: "busy"; retryAt: number }
  | { kind: "queued"; until: number }
  | { kind: "fetching"; retryAfterMs: number }
  | Unavailable
  | { kind: "rejected"; failure: ErrorInfo }
  | { kind: "accountBlocked"; failure: ErrorInfo };

/** An operation was taken; ask where it stands after the wait. */
export type SubmitOutcome = CallOutcome | { kind: "submitted"; retryAfterMs: number };

/** Where a submitted operation stands: still running, or at one of the ends. */
export type OperationOutcome = CallOutcome | { kind: "pending"; retryAfterMs: number };
