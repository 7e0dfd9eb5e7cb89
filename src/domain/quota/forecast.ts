import { expectedGapMs } from "./arrivals.ts";
import { expectedMs } from "./durations.ts";
import type { CallLine, Permit, PoolLimits, PoolState } from "./pool-state.ts";
import { timeline } from "./timeline.ts";
import { turnOrder } from "./turn-order.ts";

/** A call as it will probably be sent. */
export interface Planned {
  id: string;
  following: number;
  startsAt: number;
  endsAt: number;
}

/**
 * Plays the pool's future: each waiting line's calls in fair order, as early as limits allow, and the next of a line when the
 * one before has probably ended. Callers who come regularly are thought to go on, since anyone who has more waiting than they
 * lets them go first.
 */
export function forecast(state: PoolState, limits: PoolLimits, now: number): Generator<Planned> {
  return play(state, limits, now, expectedNewcomers(state, now), state.permits);
}

function* play(
  state: PoolState,
  limits: PoolLimits,
  now: number,
  newcomers: Newcomer[],
  running: readonly Permit[],
): Generator<Planned> {
  const room = timeline(state, limits, now);
  const queue = turnOrder<CallLine>(state.waiting, state, limits);
  // Calls of lines whose turn hasn't come: their predecessors are under way. Sorted by when those end.
  const later: { call: CallLine; from: number }[] = [];
  const follow = (call: CallLine, from: number) => {
    if (call.following === 0) return;
    const place = later.findLastIndex((other) => other.from <= from) + 1;
    later.splice(place, 0, { call: { ...call, following: call.following - 1 }, from });
  };
  for (const permit of running) {
    follow(permit, Math.max(now, permit.at + expectedMs(state.durations, permit.work)));
  }
  let clock = now;
  for (;;) {
    while (later[0] && later[0].from <= clock) {
      queue.add(later[0].call);
      later.shift();
    }
    for (const newcomer of newcomers) {
      const arrived = (clock - now) / newcomer.everyMs;
      // More of a caller who waits already would change nothing for the others.
      if (newcomer.served + 1 > arrived || !queue.isIdle(newcomer.line.caller)) continue;
      newcomer.served += 1;
      queue.add({ ...newcomer.line, since: clock });
    }
    const call = queue.shift() ?? later[0]?.call;
    if (!call) return;
    if (call === later[0]?.call) clock = Math.max(clock, later.shift()?.from ?? clock);
    const durationMs = expectedMs(state.durations, call.work);
    const startsAt = Math.max(clock, room.next(call.images));
    room.place(startsAt, call.images, durationMs);
    clock = startsAt;
    follow(call, startsAt + durationMs);
    yield { id: call.id, following: call.following, startsAt, endsAt: startsAt + durationMs };
  }
}

const isExpected = ({ id }: Planned) => id.startsWith("expected:");

interface Newcomer {
  everyMs: number;
  served: number;
  line: CallLine;
}

function expectedNewcomers({ callers }: PoolState, now: number): Newcomer[] {
  return Object.entries(callers).flatMap(([caller, { arrivals }]) => {
    const everyMs = expectedGapMs(arrivals, now);
    if (everyMs === undefined) return [];
    const line = { caller, priority: "normal" as const, since: now, images: 1, following: 0, work: "" };
    return [{ everyMs, served: 0, line: { ...line, id: `expected:${caller}` } }];
  });
}

/** When a waiting line's next call will probably start, and how many go before it. */
export function turnOf(
  state: PoolState,
  limits: PoolLimits,
  id: string,
  now: number,
): { startsAt: number; position: number } {
  let position = 0;
  let startsAt = now;
  for (const planned of forecast(state, limits, now)) {
    startsAt = planned.startsAt;
    if (planned.id === id) break;
    if (!isExpected(planned)) position += 1;
  }
  return { startsAt, position };
}

/**
 * When its turn is if nobody comes whom we don't know of: a line that slept for longer could leave room unused. No later than
 * `latest`.
 */
export function earliestTurnOf(
  state: PoolState,
  limits: PoolLimits,
  id: string,
  now: number,
  latest: number,
): number {
  for (const planned of play(state, limits, now, [], [])) {
    if (planned.startsAt >= latest) break;
    if (planned.id === id) return planned.startsAt;
  }
  return latest;
}

/** When all that wait, and what follows them, will have been sent, if nobody comes. */
export function drainedAt(state: PoolState, limits: PoolLimits, now: number): number {
  let last = now;
  for (const { startsAt } of play(state, limits, now, [], state.permits)) last = startsAt;
  return last;
}
