/** The health of one deployment. */
export interface Breaker {
  /** Failures in a row. */
  failures: number;
  /** Nothing is sent before; after it, one call alone (half-open). 0 while closed. */
  openUntil: number;
  openMs: number;
  /** The attempt that probes. */
  probe?: string;
}

const maxFailures = 3;
const firstOpenMs = 5_000;
const maxOpenMs = 30_000;
// A block of an account ends by a person's hand: soon when they are at it, else late.
const maxBlockedMs = 5 * 60_000;

export type Health = { kind: "closed" } | { kind: "halfOpen" } | { kind: "open"; until: number };

export function healthOf(breaker: Breaker | undefined, now: number): Health {
  if (!breaker || breaker.openUntil === 0) return { kind: "closed" };
  if (now < breaker.openUntil) return { kind: "open", until: breaker.openUntil };
  // One probe at a time. Its end is told, or its permit expires and the probe with it.
  return breaker.probe === undefined ? { kind: "halfOpen" } : { kind: "open", until: now + breaker.openMs };
}

/** Undefined once healthy: there is nothing to remember. */
export function afterCall(
  breaker: Breaker | undefined,
  end: "success" | "failure" | "blocked" | "none",
  now: number,
  attempt: string,
): Breaker | undefined {
  if (end === "success") return undefined;
  if (end === "none") return breaker && withoutProbe(breaker, attempt);
  const { failures, openUntil, openMs } = breaker ?? { failures: 0, openUntil: 0, openMs: 0 };
  if (end === "blocked") {
    // Calls that were sent before it opened say nothing new.
    if (openUntil > 0 && breaker?.probe !== attempt) return breaker;
    const blockedMs = openUntil > 0 ? Math.min(maxBlockedMs, 2 * openMs) : firstOpenMs;
    return { failures: failures + 1, openUntil: now + blockedMs, openMs: blockedMs };
  }
  if (openUntil > 0) {
    // Calls that were sent before it opened say nothing new; the probe does.
    if (breaker?.probe !== attempt) return breaker;
    const longer = Math.min(maxOpenMs, 2 * openMs);
    return { failures: failures + 1, openUntil: now + longer, openMs: longer };
  }
  const isOpening = failures + 1 >= maxFailures;
  return {
    failures: failures + 1,
    openUntil: isOpening ? now + firstOpenMs : 0,
    openMs: isOpening ? firstOpenMs : 0,
  };
}

/** The probe's holder died, or never sent it: another may probe. */
export function withoutProbe(breaker: Breaker, attempt: string): Breaker {
  if (breaker.probe !== attempt) return breaker;
  const { failures, openUntil, openMs } = breaker;
  return { failures, openUntil, openMs };
}
