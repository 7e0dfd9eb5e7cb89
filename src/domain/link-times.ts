const hourMs = 3_600_000;
// Clocks differ: a link that starts now may not have started yet where it is checked.
const headStartMs = 15 * 60_000;

/** From when to when an address is good; the same for all who ask within one window, so that caches know what they have. */
export interface LinkTimes {
  startsAt: number;
  expiresAt: number;
  /** When the next window begins, and with it other times. */
  windowEndsAt: number;
}

/**
 * Times, in milliseconds, of an address that is asked for `now` and lives for `lifeMs` at least: whole hours of the clock, or
 * windows as long as the life of a shorter one. It lives for a window longer at most.
 */
export function linkTimes(now: number, lifeMs: number): LinkTimes {
  const windowMs = Math.max(1_000, Math.min(hourMs, Math.round(lifeMs)));
  const start = Math.floor(now / windowMs) * windowMs;
  const windowEndsAt = start + windowMs;
  return { startsAt: start - headStartMs, expiresAt: windowEndsAt + lifeMs, windowEndsAt };
}
