import type { Clock } from "../ports/clock.ts";

/** Repeats a request to storage while storage is away. The request must change nothing when it is made twice. */
export type Patience = <T>(request: () => Promise<T>) => Promise<T>;

/** How long a step may wait for storage, and until when it begins to fetch links, in epoch milliseconds. */
export interface StepClock {
  patience: Patience;
  fetchUntil: number;
}

export interface Patient {
  clock: Clock;
  isStorageFailure: (error: unknown) => boolean;
  sleep: (ms: number) => Promise<void>;
}

const firstPauseMs = 250;
const maxPauseMs = 5_000;

/**
 * Patience until a time, in epoch milliseconds; what storage answers to the last request is thrown then. A step that holds
 * what was paid for waits here rather than on a durable timer: another instance would not have it.
 */
export function patienceUntil({ clock, isStorageFailure, sleep }: Patient, until: number): Patience {
  return async (request) => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, 2 * pauseMs)) {
      try {
        return await request();
      } catch (error) {
        if (!isStorageFailure(error) || clock.now().getTime() + pauseMs >= until) throw error;
        await sleep(pauseMs);
      }
    }
  };
}
