import type { Breaker } from "./breaker.ts";
import type { Durations } from "./durations.ts";
import type { LearntLimits } from "./learnt-limits.ts";
import type { StartLog } from "./start-log.ts";

export const priorities = ["low", "normal", "high"] as const;
export type Priority = (typeof priorities)[number];

/** At most `count` in any stretch of `windowMs`. */
export interface RateLimit {
  count: number;
  windowMs: number;
}

/** What a pool allows by settings. What isn't given is learnt. */
export interface PoolLimits {
  requests?: RateLimit;
  images?: RateLimit;
  /** Calls at once. */
  parallel?: number;
}

/** One line of calls, of which one waits and the others follow it, one after another. */
export interface CallLine {
  /** Unique in its pool, and the same for all calls of the line. */
  id: string;
  caller: string;
  priority: Priority;
  /** When its job came, in epoch milliseconds: first come, first served. */
  since: number;
  /** Images that each call asks for. */
  images: number;
  /** Calls that come after this one. */
  following: number;
  /** Names the durations that its calls are like: model, size, quality. */
  work: string;
}

export interface WaitingCall extends CallLine {
  /** When it was told to come back. */
  wakeAt: number;
}

/** The right to send one call once. Anyone who holds it settles it; it expires when nobody does. */
export interface Permit extends CallLine {
  /** Unique for each try: a step that runs twice never uses the permit of its first run. */
  attempt: string;
  deployment: string;
  /** Not before; a second or so after it was given, at most. */
  at: number;
  expiresAt: number;
  /** How far it took its caller's finish tag: given back when the call wasn't served. */
  charge: number;
}

export interface CallerShare {
  weight: number;
  /** Virtual time at which what it was given so far is used up (start-time fair queueing). */
  finish: number;
  /** When its last line came, how many did, and how far apart they were (a moving mean). */
  arrivals: { at: number; count: number; everyMs: number };
}

/**
 * All that instances share about one quota pool: one small value of plain JSON, written by compare-and-set. Times are epoch
 * milliseconds. It is a cache of who waits: each call knows its own place (`since`) and brings it along when it asks again,
 * so a line that was dropped here, or a state that was lost, costs time and nothing else.
 */
export interface PoolState {
  starts: StartLog;
  permits: readonly Permit[];
  /** In the order of `insertInOrder`. */
  waiting: readonly WaitingCall[];
  callers: Readonly<Record<string, CallerShare>>;
  virtualTime: number;
  learnt: LearntLimits;
  /** By deployment; absent: healthy. */
  breakers: Readonly<Record<string, Breaker>>;
  durations: Durations;
}

export const emptyPool: PoolState = {
  starts: [],
  permits: [],
  waiting: [],
  callers: {},
  virtualTime: 0,
  learnt: {},
  breakers: {},
  durations: {},
};

/** More lines than this are not remembered: those that come last are told when to ask again. */
export const maxWaiting = 1_000;
// Anyone who doesn't come back for so long has died, was canceled, or is held up; it would be let in again with its old place.
const absentMs = 60_000;
// A caller who was served more than its share of late finds that remembered for so long.
const rememberedMs = 10 * 60_000;

/** The state as it is at `now`: without what has expired. */
export function prune(state: PoolState, now: number): PoolState {
  const permits = kept(state.permits, ({ expiresAt }) => expiresAt > now);
  const waiting = kept(state.waiting, ({ wakeAt }) => wakeAt + absentMs > now);
  const names = new Set([...permits, ...waiting].map(({ caller }) => caller));
  const callers = Object.entries(state.callers).filter(
    ([name, { arrivals }]) => names.has(name) || arrivals.at + rememberedMs > now,
  );
  return { ...state, permits, waiting, callers: Object.fromEntries(callers) };
}

function kept<T>(all: readonly T[], isKept: (one: T) => boolean): readonly T[] {
  return all.every((one) => isKept(one)) ? all : all.filter((one) => isKept(one));
}
