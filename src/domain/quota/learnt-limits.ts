import type { PoolLimits, RateLimit } from "./pool-state.ts";
import { acceptedSince, jitterMs, maxWindowMs, type StartLog } from "./start-log.ts";

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

interface RefusedLine {
  id: string;
  times: number;
  since: number;
}

interface FoundLimit extends RateLimit {
  /** When one more is tried. */
  growAt: number;
  /** How long the next try will be put off when this one fails. */
  patienceMs: number;
  /** When more was last tried, how often in a row by then, and what the limit was before. */
  growth?: { at: number; times: number; before: number };
}

const reportedForMs = 3_600_000;
/** A call that isn't turned away within this was taken: a 429 comes at once. */
export const confirmedMs = 2_000;
const firstBurst = 4;
// A 429 with fewer taken before it may be somebody else's doing, or a service that is busy: a second one says it may be a limit.
const minEvidence = 4;
const suspiciousMs = 10 * 60_000;
// So often the service turns away who tries again, before a limit is believed without a call that was taken.
const maxRefusedTries = 3;
// After so many a line lets others try, and its next 429s are its own, while others are served.
const maxLineRefusals = 2;
const maxRefusedLines = 20;
const firstPatienceMs = 120_000;
// A service that is only busy names a shorter wait than one that counts.
const namedMs = 5_000;
const weakPatienceMs = 30_000;
const maxPatienceMs = 30 * 60_000;
const maxBackoffMs = 60_000;
// The windows in which services count (Azure: a minute, or ten seconds of it).
const windowsMs = [10_000, maxWindowMs];

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

function isRecent(throttledAt: number | undefined, now: number): boolean {
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

/** Requests after `since` that were taken for sure. */
function confirmedSince(starts: StartLog, since: number, now: number): number {
  return acceptedSince(
    starts.filter(({ at }) => at <= now - confirmedMs),
    since,
  );
}

function rateOf({ count, windowMs }: RateLimit): number {
  return count / windowMs;
}

export interface Throttle {
  now: number;
  sentAt: number;
  line: string;
  retryAfterMs: number | undefined;
}

/** A 429 says something of the pool, unless it says something of its call: a service may have no room for one large request, and serve others. */
export function learnFromThrottle(learnt: LearntLimits, starts: StartLog, throttle: Throttle): LearntLimits {
  const { recovery, refusedLines = [] } = learnt;
  const { now, sentAt, line } = throttle;
  // Calls that were sent together are turned away together: it is one wall.
  const isSameWall = recovery !== undefined && sentAt <= recovery.from && recovery.firstAt === undefined;
  if (isSameWall) return learnOfPool(learnt, starts, throttle, isSameWall);
  const known = refusedLines.find(({ id, since }) => id === line && isRecent(since, now));
  const refused = { id: line, times: (known?.times ?? 0) + 1, since: known?.since ?? sentAt };
  const others = refusedLines.filter(({ id }) => id !== line).slice(0, maxRefusedLines - 1);
  const next = { ...learnt, refusedLines: [refused, ...others] };
  const isItsOwn = refused.times > maxLineRefusals && confirmedSince(starts, refused.since, now) > 0;
  if (!isItsOwn) return learnOfPool(next, starts, throttle, isSameWall);
  if (!recovery) return next;
  const { firstAt: _, ...wall } = recovery;
  return { ...next, recovery: wall };
}

/** Whether others try before this line, when one alone may. */
export function yieldsTry({ recovery, refusedLines = [] }: LearntLimits, line: string): boolean {
  if (!recovery || recovery.firstAt !== undefined) return false;
  return refusedLines.some(({ id, times }) => id === line && times >= maxLineRefusals);
}

function learnOfPool(
  learnt: LearntLimits,
  starts: StartLog,
  { now, retryAfterMs }: Throttle,
  isSameWall: boolean,
): LearntLimits {
  const { found, suspected, recovery, throttledAt } = learnt;
  const throttles = (recovery?.throttles ?? 0) + (isSameWall ? 0 : 1);
  const waitMs = retryAfterMs || Math.min(maxBackoffMs, 1_000 * 2 ** (throttles - 1));
  const from =
    isSameWall && recovery ? Math.max(recovery.from, retryAfterMs ? now + waitMs : 0) : now + waitMs;
  const windowMs = windowOf(starts, now, retryAfterMs ?? 0, found ?? suspected);
  const taken = acceptedSince(starts, now - windowMs - 3 * jitterMs);
  const throttled = { ...learnt, recovery: { from, throttles }, throttledAt: now };
  const known = found ?? suspected;
  const isEvidence = known || taken >= minEvidence || (isRecent(throttledAt, now) && !isSameWall);
  if (!isEvidence || (taken === 0 && !known)) return throttled;
  if (found && !suspected) {
    const { growth, windowMs } = found;
    const patienceMs = Math.min(maxPatienceMs, 2 * found.patienceMs);
    if (growth && now < growth.at + 2 * windowMs)
      return {
        ...throttled,
        found: { count: growth.before, windowMs, growAt: now + patienceMs, patienceMs },
      };
    if (isSameWall) return throttled;
  }
  // Our windows are longer than the service's by what requests stray, so `taken` may be one too many.
  const count = Math.max(1, Math.min(taken, found ? found.count - step(found.count) : Infinity));
  const refusedTries = (suspected?.refusedTries ?? 0) + (suspected && !isSameWall ? 1 : 0);
  const isNamed = suspected?.isNamed || (retryAfterMs ?? 0) >= namedMs;
  const doubted = { ...throttled, suspected: { count, windowMs, at: now, refusedTries, isNamed } };
  return refusedTries < maxRefusedTries ? doubted : believe(doubted, now);
}

/** By how much a limit is changed at a time. */
function step(count: number): number {
  return Math.max(1, Math.floor(count / 10));
}

/** What was suspected holds from now on. */
function believe({ suspected, ...learnt }: LearntLimits, now: number): LearntLimits {
  if (!suspected) return learnt;
  const { count, windowMs, isNamed, refusedTries } = suspected;
  // Of a limit of a few a minute each failed try is a good part of what it allows; a service that was busy is well again soon.
  const windows = isNamed || refusedTries > 0 ? 4 : 1;
  const firstMs = Math.max(isNamed ? firstPatienceMs : weakPatienceMs, windows * windowMs);
  const patienceMs = Math.max(firstMs, learnt.found?.patienceMs ?? 0);
  return { ...learnt, found: { count, windowMs, growAt: now + patienceMs, patienceMs } };
}

/**
 * What becomes of a suspicion once a call after it was taken. A limit would have turned that call away as well, if more were taken
 * within its window than it allows: then the service was busy, or somebody else used it.
 */
export function settleSuspicion(learnt: LearntLimits, starts: StartLog, now: number): LearntLimits {
  const { suspected, ...others } = learnt;
  const { firstAt } = learnt.recovery ?? {};
  if (!suspected || firstAt === undefined || now < firstAt + confirmedMs) return learnt;
  const { count, windowMs, at, refusedTries, isNamed } = suspected;
  const isOld = firstAt > at + 2 * windowMs;
  const isRefuted = acceptedSince(starts, firstAt - windowMs + jitterMs) > count;
  const isStrong = learnt.found || isNamed || count >= minEvidence || refusedTries > 0;
  return isOld || isRefuted || !isStrong ? others : believe(learnt, now);
}

/** A wait fits into the window that it ends; and a window in which nothing was taken isn't what turned the call away. */
function windowOf(starts: StartLog, now: number, retryAfterMs: number, known: RateLimit | undefined): number {
  const shortest = Math.max(retryAfterMs - 1_000, known?.windowMs ?? 0);
  const fitting = windowsMs.filter((windowMs) => windowMs >= shortest);
  return fitting.find((windowMs) => acceptedSince(starts, now - windowMs) > 0) ?? maxWindowMs;
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
  const isUsedUp = acceptedSince(starts, now - found.windowMs) + 1 >= found.count;
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
