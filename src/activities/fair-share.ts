import type { Clock } from "../ports.ts";

interface FairShare {
  /** Lets one more of this owner's in, who says when it leaves; or tells when it may ask again, in Unix milliseconds. */
  enter(owner: string): { leave: () => void } | { askAgainAt: number };
}

// A quarter of the steps that an instance runs at once (host.json, maxConcurrentActivityFunctions).
const most = 8;
const firstTurnMs = 1_000;
const turnMs = 250;

/**
 * How much of an instance one owner's deliveries may hold at once. Receivers are strangers: a hundred that accept a POST and
 * never answer would otherwise hold every step, and nobody's images would be made meanwhile. Whoever finds no room is given
 * a turn behind the others', and asks for it asleep.
 */
export function fairShare(clock: Clock): FairShare {
  const owners = new Map<string, { inside: number; lastTurn: number }>();
  return {
    enter(owner) {
      const share = owners.get(owner) ?? { inside: 0, lastTurn: 0 };
      if (share.inside >= most) {
        share.lastTurn = Math.max(clock.now().getTime() + firstTurnMs, share.lastTurn + turnMs);
        return { askAgainAt: share.lastTurn };
      }
      share.inside += 1;
      owners.set(owner, share);
      return {
        leave: () => {
          share.inside -= 1;
          if (share.inside === 0) owners.delete(owner);
        },
      };
    },
  };
}
