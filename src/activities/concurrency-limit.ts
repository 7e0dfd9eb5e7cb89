import type { Clock } from "../ports/clock.ts";

type Place = { kind: "acquired"; release: () => void } | { kind: "full"; retryAt: number };

export interface ConcurrencyLimit {
  /** A place for one more of this owner's; or, with none free, when to ask again, in Unix milliseconds. */
  tryAcquire(owner: string): Place;
}

const firstTurnMs = 1_000;
const turnMs = 250;

/**
 * A bulkhead: how much of an instance one owner may hold at once. An owner whose work hangs would otherwise hold every
 * step, and nobody else's would go on. One that finds no place is given a turn behind the others', and sleeps until then.
 */
export function concurrencyLimit(clock: Clock, max: number): ConcurrencyLimit {
  const owners = new Map<string, { held: number; lastTurn: number }>();
  return {
    tryAcquire(owner) {
      const share = owners.get(owner) ?? { held: 0, lastTurn: 0 };
      if (share.held >= max) {
        share.lastTurn = Math.max(clock.now().getTime() + firstTurnMs, share.lastTurn + turnMs);
        return { kind: "full", retryAt: share.lastTurn };
      }
      share.held += 1;
      owners.set(owner, share);
      return {
        kind: "acquired",
        release: () => {
          share.held -= 1;
          if (share.held === 0) owners.delete(owner);
        },
      };
    },
  };
}

// Of the 128 activities that an instance runs at once (host.json): the others are steps of our own.
const maxCalls = 96;

/** An equal share for each deployment, so that one whose calls hang leaves the others' places free. */
export function maxCallsPerDeployment(deployments: number): number {
  return Math.max(4, Math.min(32, Math.floor(maxCalls / Math.max(1, deployments))));
}
