import { expectedMs } from "./durations.ts";
import { effectiveLimits } from "./learnt-limits.ts";
import type { PoolLimits, PoolState, RateLimit } from "./pool-state.ts";
import { confirmedMs, jitterMs, type StartLog, type Starts } from "./start-log.ts";

/** What a pool's limits leave room for, from now on. Mutable, for one decision. */
export interface Timeline {
  /** The earliest time at which a call for so many images has room behind those that were placed. */
  next(images: number): number;
  /** Places a call at a time that `next` gave. */
  place(at: number, images: number, durationMs: number): void;
}

export function timeline(state: PoolState, given: PoolLimits, now: number): Timeline {
  const { learnt, starts, permits, durations } = state;
  const limits = effectiveLimits(given, learnt, starts, now);
  const gauges = [
    ...(limits.requests ? [gauge(limits.requests, starts, ({ requests }) => requests)] : []),
    ...(limits.ramp ? [gauge(limits.ramp, starts, ({ requests }) => requests)] : []),
    ...(limits.images ? [gauge(limits.images, starts, ({ images }) => images)] : []),
  ];
  const ends = permits
    .map(({ at, work }) => endOf(at, expectedMs(durations, work), now))
    .sort((a, b) => a - b);
  const { parallel = Infinity } = limits;
  const { recovery } = learnt;
  let cursor = Math.max(now, recovery?.from ?? 0);
  let firstAt = recovery?.firstAt;
  if (firstAt !== undefined) cursor = Math.max(cursor, firstAt + confirmedMs);
  return {
    next(images) {
      let at = cursor;
      for (const one of gauges) at = one.next(one.of({ requests: 1, images }), at);
      while (ends.length > 0 && (ends[0] ?? 0) <= at) ends.shift();
      return ends.length < parallel ? at : Math.max(at, ends[ends.length - parallel] ?? at);
    },
    place(at, images, durationMs) {
      for (const one of gauges) one.add(at, one.of({ requests: 1, images }));
      cursor = at;
      if (recovery && firstAt === undefined) {
        firstAt = at;
        cursor = at + confirmedMs;
      }
      const end = at + durationMs;
      const later = ends.findIndex((other) => other > end);
      ends.splice(later === -1 ? ends.length : later, 0, end);
    },
  };
}

/** A call that takes longer than expected is not over: it is given a quarter more. */
function endOf(at: number, durationMs: number, now: number): number {
  return Math.max(at + durationMs, now + durationMs / 4);
}

interface Gauge {
  of(call: { requests: number; images: number }): number;
  next(amount: number, from: number): number;
  add(at: number, amount: number): void;
}

function gauge(
  { count, windowMs }: RateLimit,
  starts: StartLog,
  of: (starts: Pick<Starts, "requests" | "images">) => number,
): Gauge {
  const spanMs = windowMs + jitterMs;
  const used = starts.map((entry) => ({ at: entry.at, amount: of(entry) }));
  let first = 0;
  let sum = used.reduce((total, { amount }) => total + amount, 0);
  return {
    of,
    next(amount, from) {
      // One that is larger than the whole limit goes when nothing else counts.
      const room = count - Math.min(amount, count);
      let at = from;
      for (let entry = used[first]; entry; entry = used[first]) {
        const endsAt = entry.at + spanMs;
        if (endsAt > at && sum <= room) break;
        at = Math.max(at, endsAt);
        sum -= entry.amount;
        first += 1;
      }
      return at;
    },
    add(at, amount) {
      used.push({ at, amount });
      sum += amount;
    },
  };
}
