const longestGuessMs = 60_000;

/**
 * How long to wait before asking again, in milliseconds. A wait that the service named is kept to the letter; where it
 * named none, waits double from one second, so that a wall of 429s isn't hammered.
 *
 * @param round how often this call was turned away before
 */
export function throttleDelayMs(retryAfterMs: number, round: number): number {
  return retryAfterMs > 0 ? retryAfterMs : Math.min(longestGuessMs, 1_000 * 2 ** Math.min(round, 10));
}
