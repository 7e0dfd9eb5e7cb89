import { type FoundLimit, isRecent, type LearntLimits, type RefusedLine, step } from "./learnt-limits.ts";
import type { RateLimit } from "./pool-state.ts";
import {
  acceptedSince,
  confirmedAt,
  confirmedMs,
  confirmedSince,
  jitterMs,
  maxWindowMs,
  peakOf,
  refusedSince,
  type StartLog,
} from "./start-log.ts";

// A 429 with fewer taken before it may be somebody else's doing, or a service that is busy: a second one says it may be a limit.
const minEvidence = 4;
// So often the service turns away who tries again, before a limit is believed without a call that was taken.
const maxRefusedTries = 3;
// After so many a line lets others try, and its next 429s are its own, while others are served.
const maxLineRefusals = 2;
const maxRefusedLines = 20;
// A service that takes so many calls for each that it turns away, of late, turns them away for reasons of its own.
const minTaken = 2;
const lookBackMs = 10_000;
const firstPatienceMs = 120_000;
// A service that is only busy names a shorter wait than one that counts.
const namedMs = 5_000;
const weakPatienceMs = 30_000;
const maxPatienceMs = 30 * 60_000;
const maxBackoffMs = 60_000;
// The windows in which services count (Azure: a minute, or ten seconds of it).
const windowsMs = [10_000, maxWindowMs];

export interface Throttle {
  now: number;
  sentAt: number;
  line: string;
  retryAfterMs: number | undefined;
}

/**
 * A 429 says something of the pool, unless it says something of its call: a service may have no room for one large request, and serve
 * others. Then only that call waits.
 */
export function learnFromThrottle(before: LearntLimits, starts: StartLog, throttle: Throttle): LearntLimits {
  const { recovery, throttledAt } = before;
  const { now, sentAt, retryAfterMs } = throttle;
  // Calls that were sent together are turned away together: it is one wall.
  if (recovery && sentAt <= recovery.from && recovery.firstAt === undefined) {
    const from = retryAfterMs ? Math.max(recovery.from, now + retryAfterMs) : recovery.from;
    const learnt = { ...before, throttledAt: now, recovery: { ...recovery, from } };
    return before.found && !before.suspected ? learnt : suspect(learnt, starts, throttle, { tries: 0 });
  }
  const [refused, ...others] = countRefusal(before, throttle);
  const learnt = { ...before, refusedLines: [refused, ...others], throttledAt: now };
  const isExplained = isByLimit(before, starts, throttle);
  const since = now - lookBackMs;
  const isRare = minTaken * refusedSince(starts, since) <= acceptedSince(starts, since);
  if (isItsOwn(refused, starts, now) || (!isExplained && isRare)) {
    if (!recovery) return learnt;
    // Another one tries.
    const { firstAt: _, ...wall } = recovery;
    return { ...learnt, recovery: wall };
  }
  const throttles = (recovery?.throttles ?? 0) + 1;
  const waitMs = retryAfterMs || Math.min(maxBackoffMs, 1_000 * 2 ** (throttles - 1));
  const walled = { ...learnt, recovery: { from: now + waitMs, throttles } };
  if (!isExplained) return walled;
  const former = withoutGrowth(before.found, starts, now, sentAt);
  if (former) return { ...walled, found: former };
  return suspect(walled, starts, throttle, {
    tries: before.suspected ? 1 : 0,
    isSecond: isRecent(throttledAt, now),
  });
}

function countRefusal(
  { refusedLines = [] }: LearntLimits,
  { now, sentAt, line }: Throttle,
): [RefusedLine, ...RefusedLine[]] {
  const known = refusedLines.find(({ id, since }) => id === line && isRecent(since, now));
  const refused = { id: line, times: (known?.times ?? 0) + 1, since: known?.since ?? sentAt };
  return [refused, ...refusedLines.filter(({ id }) => id !== line).slice(0, maxRefusedLines - 1)];
}

/** Whether a line was turned away time and again, and others were not. */
function isItsOwn({ times, since }: RefusedLine, starts: StartLog, now: number): boolean {
  return times > maxLineRefusals && confirmedSince(starts, since, now) > 0;
}

/** Whether a limit may be the reason: no window of the last minute saw more calls taken than the one before this. */
function isByLimit(
  { found, suspected }: LearntLimits,
  starts: StartLog,
  { now, sentAt, retryAfterMs = 0 }: Throttle,
): boolean {
  const windowMs = windowOf(starts, now, retryAfterMs, found ?? suspected);
  // Of a limit that the pool keeps to it is known to the call how many were taken.
  const taken = acceptedSince(starts, sentAt - windowMs - (found ? 0 : 3 * jitterMs));
  return peakOf(confirmedAt(starts, now), windowMs - 2 * jitterMs) <= taken;
}

/** Whether others try before this line, when one alone may. */
export function yieldsTry({ recovery, refusedLines = [] }: LearntLimits, line: string): boolean {
  if (!recovery || recovery.firstAt !== undefined) return false;
  return refusedLines.some(({ id, times }) => id === line && times >= maxLineRefusals);
}

/** A limit as it was before the last that was tried, where that is why a call was turned away. */
function withoutGrowth(
  found: FoundLimit | undefined,
  starts: StartLog,
  now: number,
  sentAt: number,
): FoundLimit | undefined {
  const { growth, windowMs = 0 } = found ?? {};
  if (!found || !growth || now >= growth.at + 2 * windowMs) return undefined;
  if (acceptedSince(starts, sentAt - windowMs) < growth.before) return undefined;
  const patienceMs = Math.min(maxPatienceMs, 2 * found.patienceMs);
  return { count: growth.before, windowMs, growAt: now + patienceMs, patienceMs };
}

function suspect(
  learnt: LearntLimits,
  starts: StartLog,
  { now, retryAfterMs = 0 }: Throttle,
  { tries, isSecond = false }: { tries: number; isSecond?: boolean },
): LearntLimits {
  const { found, suspected } = learnt;
  const known = found ?? suspected;
  const windowMs = windowOf(starts, now, retryAfterMs, known);
  const taken = acceptedSince(starts, now - windowMs - 3 * jitterMs);
  if (!known && taken < (isSecond ? 1 : minEvidence)) return learnt;
  // Our windows are longer than the service's by what requests stray, so `taken` may be one too many.
  const count = Math.max(1, Math.min(taken, found ? found.count - step(found.count) : Infinity));
  const refusedTries = (suspected?.refusedTries ?? 0) + tries;
  const isNamed = suspected?.isNamed || retryAfterMs >= namedMs;
  const doubted = { ...learnt, suspected: { count, windowMs, at: now, refusedTries, isNamed } };
  return refusedTries < maxRefusedTries ? doubted : believe(doubted, now);
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
  const { recovery, found } = learnt;
  if (!suspected || (recovery && now < (recovery.firstAt ?? Infinity) + confirmedMs)) return learnt;
  const { count, windowMs, at, refusedTries, isNamed } = suspected;
  const isOld = (recovery?.firstAt ?? now) > at + 2 * windowMs;
  const isRefuted = peakOf(confirmedAt(starts, now), windowMs - jitterMs, at) > count;
  const isStrong = found || isNamed || count >= minEvidence || refusedTries > 0;
  return isOld || isRefuted || !isStrong ? others : believe(learnt, now);
}

/** A wait fits into the window that it ends; and a window in which nothing was taken isn't what turned the call away. */
function windowOf(starts: StartLog, now: number, retryAfterMs: number, known: RateLimit | undefined): number {
  const shortest = Math.max(retryAfterMs - 1_000, known?.windowMs ?? 0);
  const fitting = windowsMs.filter((windowMs) => windowMs >= shortest);
  return fitting.find((windowMs) => acceptedSince(starts, now - windowMs) > 0) ?? maxWindowMs;
}
