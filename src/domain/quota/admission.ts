import { enter } from "./ask.ts";
import { forecast } from "./forecast.ts";
import { type CallLine, maxWaiting, type PoolLimits, type PoolState, prune } from "./pool-state.ts";

export interface Estimate {
  /** Epoch milliseconds: its first call, and the last one's end. */
  startsAt: number;
  endsAt: number;
}

export type Admission =
  /** Its lines are to ask with this `since`: nobody who is admitted later goes before them. */
  | ({ kind: "admitted"; state: PoolState; since: number } & Estimate)
  /** It couldn't begin in time. What is asked again after `retryAfterMs` probably could. */
  | ({ kind: "refused"; retryAfterMs: number } & Estimate);

// Waits come out a little longer than foretold, never much shorter: timers, jitter, those who come meanwhile.
const uncertainty = 0.05;

/**
 * Whether a job would begin before its queue deadline; if so its lines wait from now on, and the next who asks finds them before
 * it. Nothing is recorded of one that is refused.
 */
export function admit(
  before: PoolState,
  limits: PoolLimits,
  { lines, weight, deadline }: { lines: readonly CallLine[]; weight: number; deadline: number },
  now: number,
): Admission {
  const state = lines.reduce(
    (all, line) => enter(all, { line: { ...line, since: now }, weight }, now),
    prune(before, now),
  );
  const estimate = estimateOf(
    state,
    limits,
    lines.map(({ id }) => id),
    now,
  );
  const isInTime = estimate.startsAt + (estimate.startsAt - now) * uncertainty <= deadline;
  if (isInTime && state.waiting.length <= maxWaiting)
    return { kind: "admitted", state, since: now, ...estimate };
  const retryAfterMs = Math.max(1_000, estimate.startsAt - deadline);
  return { kind: "refused", retryAfterMs, ...estimate };
}

// A forecast that is longer is no better.
const maxForeseen = 5_000;

/** When lines that wait or run will probably begin and end. */
export function estimateOf(
  state: PoolState,
  limits: PoolLimits,
  lineIds: readonly string[],
  now: number,
): Estimate {
  const open = new Set(lineIds);
  let startsAt = Infinity;
  let endsAt = now;
  let foreseen = 0;
  for (const planned of forecast(state, limits, now)) {
    foreseen += 1;
    if (open.has(planned.id)) {
      startsAt = Math.min(startsAt, planned.startsAt);
      endsAt = Math.max(endsAt, planned.endsAt);
      if (planned.following === 0) open.delete(planned.id);
    }
    if (open.size === 0 || foreseen === maxForeseen) break;
  }
  return { startsAt: Number.isFinite(startsAt) ? startsAt : endsAt, endsAt };
}
