import { costIn, type FairQueue, fairQueue } from "./fair-queue.ts";
import { yieldsTry } from "./throttles.ts";
import type { CallLine, PoolLimits, PoolState } from "./pool-state.ts";

/**
 * The fair queue of a pool's calls. After a wall of 429s one call tries alone: not again one that is turned away each time, while
 * there is another.
 *
 * @param calls in the order of `insertInOrder`
 */
export function turnOrder<T extends CallLine>(
  calls: readonly T[],
  state: PoolState,
  limits: PoolLimits,
): FairQueue<T> {
  const yielding = calls.filter(({ id }) => yieldsTry(state.learnt, id));
  const others = calls.filter((call) => !yielding.includes(call));
  const queue = fairQueue(others, state, costIn(limits));
  return {
    ...queue,
    shift() {
      const first = queue.shift();
      for (const call of yielding.splice(0)) queue.add(call);
      return first ?? queue.shift();
    },
  };
}
