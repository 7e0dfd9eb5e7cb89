import { breakerIn } from "./ask.ts";
import { afterCall } from "./breaker.ts";
import { observeDuration } from "./durations.ts";
import { learnFromHeaders, type ReportedLimits } from "./learnt-limits.ts";
import { type Permit, type PoolState, prune } from "./pool-state.ts";
import { isLate, markRefused, moveStart, removeStart } from "./start-log.ts";
import { learnFromThrottle } from "./throttles.ts";

/** How a call ended, for its pool. */
export type CallEnd =
  | { kind: "answered"; durationMs: number }
  /** Content policy, a bad request: the service is well, and its time says nothing. */
  | { kind: "rejected" }
  | { kind: "throttled"; retryAfterMs?: number }
  /** 5xx at once: it wasn't taken on, and isn't counted. Should the service count it, a 429 will say so. */
  | { kind: "unavailable" }
  /** A broken connection, silence: it may have been served. */
  | { kind: "lost" }
  /** Keys or the account: nothing will be served until somebody mends it. */
  | { kind: "blocked" }
  | { kind: "notSent" };

export interface Settlement {
  attempt: string;
  end: CallEnd;
  /** Absent: it was never sent. */
  sentAt?: number | undefined;
  reported?: ReportedLimits | undefined;
}

/** Gives a permit back. One that isn't known has expired or was settled before: nothing changes. */
export function settle(
  before: PoolState,
  { attempt, end, sentAt, reported }: Settlement,
  now: number,
): PoolState {
  const pruned = prune(before, now);
  const granted = pruned.permits.find((one) => one.attempt === attempt);
  if (!granted) return pruned;
  // The service counts from when it was asked: storage may have held the call up behind its permit.
  const permit = isLate(granted.at, sentAt) ? { ...granted, at: sentAt } : granted;
  const starts = permit === granted ? pruned.starts : moveStart(pruned.starts, granted, permit.at);
  const state = { ...pruned, starts };
  const breaker = afterCall(breakerIn(state, permit.deployment), healthIn(end), now, attempt);
  const { [permit.deployment]: _, ...breakers } = state.breakers;
  const settled: PoolState = {
    ...state,
    permits: state.permits.filter((one) => one !== granted),
    breakers: breaker ? { ...breakers, [permit.deployment]: breaker } : breakers,
    learnt: reported ? learnFromHeaders(state.learnt, reported, state.starts, now) : state.learnt,
  };
  return take(settled, permit, end, now);
}

function healthIn({ kind }: CallEnd): Parameters<typeof afterCall>[1] {
  switch (kind) {
    case "unavailable":
    case "lost":
      return "failure";
    case "blocked":
      return "blocked";
    case "notSent":
    case "throttled":
      return "none";
    default:
      return "success";
  }
}

function take(state: PoolState, permit: Permit, end: CallEnd, now: number): PoolState {
  const { id, at, images, work } = permit;
  switch (end.kind) {
    case "answered":
      return { ...state, durations: observeDuration(state.durations, work, end.durationMs) };
    case "throttled": {
      const starts = markRefused(state.starts, at, images);
      const facts = { now, sentAt: at, line: id, retryAfterMs: end.retryAfterMs };
      return refund({ ...state, starts, learnt: learnFromThrottle(state.learnt, starts, facts) }, permit);
    }
    case "notSent":
    case "unavailable":
      return refund({ ...state, starts: removeStart(state.starts, at, images) }, permit);
    case "rejected":
    case "lost":
    case "blocked":
      return state;
  }
}

/**
 * A caller isn't charged for what it didn't get. But it goes no further back than the present: after a wall of 429s it would else go
 * before all who came meanwhile.
 */
function refund(state: PoolState, { caller, charge }: Permit): PoolState {
  const share = state.callers[caller];
  if (!share) return state;
  const finish = Math.max(share.finish - charge, Math.min(share.finish, state.virtualTime));
  return { ...state, callers: { ...state.callers, [caller]: { ...share, finish } } };
}
