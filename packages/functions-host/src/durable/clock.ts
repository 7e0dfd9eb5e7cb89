/** The engine's only source of time. */
export interface Clock {
  now(): number;
  /** Calls `fire` once, never before `at`. Returns the function that cancels it. */
  setTimer(at: number, fire: () => void): () => void;
}

// Node stores a delay in a signed 32-bit integer; a longer one would fire at once.
const maxDelayMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(at, fire) {
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const wait = at - Date.now();
      // setTimeout may fire a millisecond early, and a TimerFired before its FireAt confuses the SDK.
      if (wait <= 0) handle = setTimeout(fire, 0);
      else handle = setTimeout(() => (Date.now() >= at ? fire() : arm()), Math.min(wait, maxDelayMs));
    };
    arm();
    return () => clearTimeout(handle);
  },
};
