/** How often a step that throws is tried; waits double from `firstMs` up to half a minute. */
export interface RetryPolicy {
  attempts: number;
  firstMs: number;
}

/** Tries of a step that threw, since it last came to an outcome. */
export interface FailedTries {
  count: number;
  /** Since when our own storage fails it, in epoch milliseconds, and how long to wait for it next. */
  outage?: { since: number; pauseMs: number };
}

interface Bounds {
  /** Both in epoch milliseconds. */
  now: number;
  outageEnds: number;
  retry: RetryPolicy;
}

const maxRetryPauseMs = 30_000;
// A job is to go on within half a minute of storage's return. Of a longer outage a share is waited for, or each hour of it would
// add as much to the history as the first.
const maxOutagePauseMs = 15_000;
const outageShare = 1 / 40;

/**
 * When a step that threw is run again; undefined once its tries are spent. While our own storage fails it, that is no try: it
 * is run again until `outageEnds`.
 */
export function tryAgain(
  before: FailedTries | undefined,
  isOutage: boolean,
  { now, outageEnds, retry }: Bounds,
): { tries: FailedTries; wakeAt: number } | undefined {
  const { count, outage } = before ?? { count: 0 };
  if (isOutage) {
    if (now >= outageEnds) return undefined;
    const { since, pauseMs } = outage ?? { since: now, pauseMs: retry.firstMs };
    const wakeAt = now + pauseMs;
    const maxMs = Math.max(maxOutagePauseMs, outageShare * (wakeAt - since));
    return { tries: { count, outage: { since, pauseMs: Math.min(maxMs, 2 * pauseMs) } }, wakeAt };
  }
  if (count + 1 >= retry.attempts) return undefined;
  const wakeAt = now + Math.min(maxRetryPauseMs, retry.firstMs * 2 ** count);
  return { tries: { count: count + 1, ...(outage && { outage }) }, wakeAt };
}
