import { breakerIn, enter } from "./ask.ts";
import { healthOf } from "./breaker.ts";
import { drainedAt } from "./forecast.ts";
import { type CallLine, type PoolLimits, type PoolState, prune } from "./pool-state.ts";

/** A deployment that could take a call, with what is known of its pool. */
export interface Place {
  deployment: string;
  pool: string;
  state: PoolState;
  limits: PoolLimits;
  /** Of those whose lines are as short, the least goes first. */
  priority: number;
  /** Its share of the calls that could as well go elsewhere. */
  weight: number;
  /** Of one image, in any unit that all places share. */
  cost: number;
}

// Times that lie closer are the same: the host's timers are no finer.
const sameTimeMs = 1_000;
// A place in a line is given up for one that is sooner by so much, and by a twentieth of what it was told.
const worthMovingMs = 2_000;

/** When all that wait in a pool, and this call with them, would probably have been sent. */
function drainedIn({ state, limits }: Place, line: CallLine, now: number): number {
  const isKnown = state.waiting.some(({ id }) => id === line.id);
  const asked = isKnown ? state : enter(state, { line, weight: weightIn(state, line) }, now);
  return drainedAt(asked, limits, now);
}

function weightIn({ callers }: PoolState, { caller }: CallLine): number {
  return callers[caller]?.weight ?? 1;
}

/**
 * The place for a call that wasn't begun: where all that wait are sent soonest, itself among them; among equals by priority, then the
 * one that has had least of its weight, then the cheapest, then the first. One that waits stays in its pool (`current`) unless another
 * is clearly sooner.
 *
 * Not where it starts soonest itself: a caller's fair turn may come soon in a pool whose line is long because others can go nowhere
 * else, and it would take their room while other pools run dry.
 */
export function choosePlace(
  places: readonly Place[],
  line: CallLine,
  now: number,
  current?: string,
): Place | undefined {
  if (places.length === 1) return places[0];
  const drained = new Map<string, number>();
  const choices = places.map((unpruned) => {
    const place = { ...unpruned, state: prune(unpruned.state, now) };
    const at = drained.get(place.pool) ?? drainedIn(place, line, now);
    drained.set(place.pool, at);
    const health = healthOf(breakerIn(place.state, place.deployment), now);
    return { place, at: health.kind === "open" ? Math.max(health.until, at) : at };
  });
  const soonest = Math.min(...choices.map(({ at }) => at));
  const held = choices.find(({ place }) => place.deployment === current);
  if (held && held.at - soonest < Math.max(worthMovingMs, (held.at - now) / 20)) return held.place;
  const equals = choices.filter(({ at }) => at <= soonest + sameTimeMs);
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
