import type { PoolLimits, RateLimit } from "./pool-state.ts";
import {
  acceptedSince,
  confirmedMs,
  confirmedSince,
  maxWindowMs,
  refusedSince,
  type StartLog,
} from "./start-log.ts";

/** What a service said of its limits in a reply's headers (`x-ratelimit-*`). */
export interface ReportedLimits {
  requests?: RateLimit;
  images?: RateLimit;
  /** What is left of the window, and when it is whole again. */
  remaining?: { requests: number; resetMs: number };
}

/** What a pool was taught by its service's replies. All of it is forgotten again. */
export interface LearntLimits {
  reported?: { requests?: RateLimit; images?: RateLimit; at: number };
  /** Found by being turned away. */
  found?: FoundLimit;
  /** What the last 429 may mean. Nothing is held back for it until the call that tries again has shown whether it does. */
  suspected?: RateLimit & { at: number; refusedTries: number; isNamed: boolean };
  /** Nothing is sent before; and then one alone, until it is seen that it was taken. */
  recovery?: { from: number; firstAt?: number; throttles: number };
  /** Lines whose calls were turned away when others weren't, and how often since the first time. The last comes first. */
  refusedLines?: readonly RefusedLine[];
  /** The last 429. */
  throttledAt?: number;
}

export interface RefusedLine {
  id: string;
  times: number;
  since: number;
}

export interface FoundLimit extends RateLimit {
  /** When one more is tried. */
  growAt: number;
  /** How long the next try will be put off when this one fails. */
  patienceMs: number;
  /** When more was last tried, how often in a row by then, and what the limit was before. */
  growth?: { at: number; times: number; before: number };
}

const reportedForMs = 3_600_000;
const firstBurst = 4;
const suspiciousMs = 10 * 60_000;

/** The limits to go by at `now`: what is given, else told; and never more than was found. None at all until there is a sign of one. */
export function effectiveLimits(
  given: PoolLimits,
  { reported, found, throttledAt }: LearntLimits,
  starts: StartLog,
  now: number,
): PoolLimits & { ramp?: RateLimit } {
  const known = reported && now < reported.at + reportedForMs ? reported : undefined;
  const requests = given.requests ?? known?.requests;
  const images = given.images ?? known?.images;
  const lower = found && (!requests || rateOf(found) < rateOf(requests)) ? found : requests;
  const isUnknown = !requests && !images && !found && isRecent(throttledAt, now);
  return {
    ...(lower && { requests: { count: lower.count, windowMs: lower.windowMs } }),
    ...(images && { images }),
    ...(given.parallel !== undefined && { parallel: given.parallel }),
    ...(isUnknown && { ramp: rampOf(starts, now) }),
  };
}

export function isRecent(throttledAt: number | undefined, now: number): boolean {
  return throttledAt !== undefined && now < throttledAt + suspiciousMs;
}

/** Whether calls of a pool may have to wait for each other, by all that is known of it. */
export function isLimited(given: PoolLimits, learnt: LearntLimits, starts: StartLog, now: number): boolean {
  return learnt.recovery !== undefined || Object.keys(effectiveLimits(given, learnt, starts, now)).length > 0;
}

/** After a first 429, while no limit is known, a few at a time, and more as they are taken: one 429 then comes instead of hundreds. */
function rampOf(starts: StartLog, now: number): RateLimit {
  const taken = confirmedSince(starts, now - maxWindowMs, now);
  return { count: firstBurst + Math.floor(taken / 2), windowMs: confirmedMs };
}

function rateOf({ count, windowMs }: RateLimit): number {
  return count / windowMs;
}

/** By how much a limit is changed at a time. */
export function step(count: number): number {
  return Math.max(1, Math.floor(count / 10));
}

/** At a start: whether this is the one that tries after a wall, or tries one more than was found. */
export function learnFromStart(learnt: LearntLimits, starts: StartLog, now: number): LearntLimits {
  const { recovery, found, ...others } = learnt;
  const grown = found && grow(found, starts, now);
  const next = recovery && afterWall(recovery, now);
  return { ...others, ...(grown && { found: grown }), ...(next && { recovery: next }) };
}

function afterWall(
  recovery: NonNullable<LearntLimits["recovery"]>,
  now: number,
): LearntLimits["recovery"] | undefined {
  if (recovery.firstAt === undefined) return { ...recovery, firstAt: now };
  return now >= recovery.firstAt + confirmedMs ? undefined : recovery;
}

/**
 * A limit that is used up, with the call that starts now, without a 429 since long may have become wider, or never was so narrow: a tenth
 * more is tried, and twice as much each time that goes well.
 */
function grow(found: FoundLimit, starts: StartLog, now: number): FoundLimit | undefined {
  if (now < found.growAt) return found;
  const since = now - found.windowMs;
  const isUsedUp = acceptedSince(starts, since) + refusedSince(starts, since) + 1 >= found.count;
  if (!isUsedUp) return found;
  const times = found.growth?.times ?? 0;
  const count = found.count + step(found.count) * 2 ** times;
  return {
    ...found,
    count,
    growAt: now + 2 * found.windowMs,
    growth: { at: now, times: times + 1, before: found.count },
  };
}

export function learnFromHeaders(
  learnt: LearntLimits,
  reported: ReportedLimits,
  starts: StartLog,
  now: number,
): LearntLimits {
  const { requests, images, remaining } = reported;
  const next: LearntLimits =
    requests || images
      ? { ...learnt, reported: { ...(requests && { requests }), ...(images && { images }), at: now } }
      : learnt;
  if (!remaining || remaining.requests > 0 || remaining.resetMs > maxWindowMs) return next;
  // What this app has used up itself stands in its log, and comes back call by call; others' use is news.
  if (requests && acceptedSince(starts, now - requests.windowMs) >= requests.count) return next;
  const from = Math.max(next.recovery?.from ?? 0, now + remaining.resetMs);
  return { ...next, recovery: { throttles: 0, ...next.recovery, from } };
}

/** Whether others should hear of it at once: limits that the pool doesn't know yet, or that are used up. */
export function isNews(
  { reported }: LearntLimits,
  { requests, images, remaining }: ReportedLimits,
  now: number,
): boolean {
  const isKnown =
    reported !== undefined &&
    now < reported.at + reportedForMs / 2 &&
    reported.requests?.count === requests?.count &&
    reported.images?.count === images?.count;
  return (!isKnown && (requests ?? images) !== undefined) || remaining?.requests === 0;
}
