import type { Clock } from "./clock.ts";

/** What the clock drives: it moves on only when nothing runs. */
export interface Driven {
  busy(): number;
}

/** A clock that stands still until it is told to go to the next timer. */
export interface VirtualClock extends Clock {
  /** Goes to the next timer and fires all that are due then. False when there is none. */
  advance(): boolean;
  /** Lets virtual time pass inside a fake activity. The engine counts a sleeping activity as not running. */
  sleep(milliseconds: number): Promise<void>;
  /** Runs `engine`, skipping every wait, until `until` holds; false when it can get no further. */
  drive(engine: Driven, until: () => boolean): Promise<boolean>;
}

export function createVirtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  const timers = new Set<{ at: number; fire: () => void }>();
  let now = start;
  let sleeping = 0;
  const clock: VirtualClock = {
    now: () => now,
    setTimer(at, fire) {
      const timer = { at, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance() {
      if (timers.size === 0) return false;
      now = Math.max(now, Math.min(...[...timers].map(({ at }) => at)));
      for (const timer of [...timers]) {
        // One that fires may cancel another that is due at the same moment.
        if (timer.at <= now && timers.delete(timer)) timer.fire();
      }
      return true;
    },
    sleep(milliseconds) {
      sleeping += 1;
      return new Promise((resolve) => {
        clock.setTimer(now + milliseconds, () => {
          sleeping -= 1;
          resolve();
        });
      });
    },
    async drive(engine, until) {
      for (;;) {
        while (engine.busy() > sleeping) await nextTurn();
        if (until()) return true;
        if (!clock.advance()) return false;
      }
    },
  };
  return clock;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
