const maxGuessMs = 60_000;
// A service that says "in a millisecond" would be asked thousands of times, and a job's history grow with each.
const minCredibleMs = 1_000;

/**
 * How long to wait before asking again, in milliseconds. A wait of a second or more that the service named is kept to the
 * letter. Where it named none, or next to none, waits double from one second, so that a wall of 429s isn't hammered.
 *
 * @param round how often this call was turned away before
 */
export function throttleDelayMs(retryAfterMs: number, round: number): number {
  if (retryAfterMs >= minCredibleMs) return retryAfterMs;
  return Math.min(maxGuessMs, 1_000 * 2 ** Math.min(round, 10));
}

// So often in a row a call keeps to what the service named. After that it waits longer: it takes turns that others could use.
const obeyedRounds = 3;

/** How long a call waits that was turned away, in milliseconds: as `throttleDelayMs`; and after some rounds double each time, whatever was named. */
export function turnedAwayDelayMs(retryAfterMs: number, round: number): number {
  const delayMs = throttleDelayMs(retryAfterMs, round);
  return round < obeyedRounds ? delayMs : Math.max(delayMs, throttleDelayMs(0, round - obeyedRounds));
}
