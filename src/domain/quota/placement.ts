import { breakerIn, enter } from "./ask.ts";
import { healthOf } from "./breaker.ts";
import { turnOf } from "./forecast.ts";
import { type CallLine, type PoolLimits, type PoolState, prune } from "./pool-state.ts";

/** A deployment that could take a call, with what is known of its pool. */
export interface Place {
  deployment: string;
  pool: string;
  state: PoolState;
  limits: PoolLimits;
  /** Of those where it could start as soon, the least goes first. */
  priority: number;
  /** Its share of the calls that could start as soon elsewhere. */
  weight: number;
  /** Of one image, in any unit that all places share. */
  cost: number;
}

// Starts that lie closer are the same: the host's timers are no finer.
const sameStartMs = 1_000;
// A place in a queue is given up for one that is sooner by so much, and by a tenth of the wait.
const worthMovingMs = 2_000;

/** When a call would probably start in a pool, whichever of its deployments took it. */
function turnIn({ state, limits }: Place, line: CallLine, now: number): number {
  const isKnown = state.waiting.some(({ id }) => id === line.id);
  const asked = isKnown ? state : enter(state, { line, weight: weightIn(state, line) }, now);
  return turnOf(asked, limits, line.id, now).startsAt;
}

function weightIn({ callers }: PoolState, { caller }: CallLine): number {
  return callers[caller]?.weight ?? 1;
}

/**
 * The place for a call that wasn't begun: where it starts soonest; among equals by priority, then the one that has had least of its
 * weight, then the cheapest, then the first. One that waits stays in its pool (`current`) unless another is clearly sooner.
 */
export function choosePlace(
  places: readonly Place[],
  line: CallLine,
  now: number,
  current?: string,
): Place | undefined {
  if (places.length === 1) return places[0];
  const turns = new Map<string, number>();
  const starts = places.map((unpruned) => {
    const place = { ...unpruned, state: prune(unpruned.state, now) };
    const turn = turns.get(place.pool) ?? turnIn(place, line, now);
    turns.set(place.pool, turn);
    const health = healthOf(breakerIn(place.state, place.deployment), now);
    return { place, startsAt: health.kind === "open" ? Math.max(health.until, turn) : turn };
  });
  const soonest = Math.min(...starts.map(({ startsAt }) => startsAt));
  const heldPermit = starts.find(({ place }) => place.deployment === current);
  if (heldPermit) {
    const gain = heldPermit.startsAt - soonest;
    if (gain < Math.max(worthMovingMs, (heldPermit.startsAt - now) / 10)) return heldPermit.place;
  }
  const equals = starts.filter(({ startsAt }) => startsAt <= soonest + sameStartMs);
  const [best] = equals
    .map(({ place }) => place)
    .sort((a, b) => a.priority - b.priority || loadOf(a) - loadOf(b) || a.cost - b.cost);
  return best;
}

/** Images that it makes or was to make lately, for its weight. */
function loadOf({ state, deployment, weight }: Place): number {
  const running = state.permits.filter((permit) => permit.deployment === deployment);
  return running.length / weight;
}
