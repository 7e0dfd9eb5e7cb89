import { observeArrival } from "./arrivals.ts";
import { healthOf, withoutProbe } from "./breaker.ts";
import { charge, costIn, insertInOrder } from "./fair-queue.ts";
import { earliestTurnOf, turnOf } from "./forecast.ts";
import { isLimited, learnFromStart } from "./learnt-limits.ts";
import {
  type CallerShare,
  type CallLine,
  maxWaiting,
  type Permit,
  type PoolLimits,
  type PoolState,
  prune,
  type WaitingCall,
} from "./pool-state.ts";
import { addStart } from "./start-log.ts";
import { settleSuspicion } from "./throttles.ts";
import { timeline } from "./timeline.ts";
import { turnOrder } from "./turn-order.ts";

export interface Ask {
  line: CallLine;
  weight: number;
  deployment: string;
  /** Unique for each run of the sending step; the same when its own write is looked up again. */
  attempt: string;
  /** How long a permit lives that nobody settles: as long as its call may take. */
  permitMs: number;
}

export const waitReasons = ["quota", "throttled", "service"] as const;
export type WaitReason = (typeof waitReasons)[number];

export type AskDecision =
  | { kind: "granted"; permit: Permit }
  /** Ask again at `until`; it will probably start at `startsAt`, behind `position` others. */
  | { kind: "wait"; until: number; reason: WaitReason; startsAt: number; position: number };

/**
 * A permit may begin so much later than it is given, and its holder waits for that. A durable timer is whole seconds, up to one
 * early and about one late: callers are told to come back a little before their turn, so that no turn is spent on the way.
 */
const leadMs = 1_500;
// For so long a place is held for who is to come, or should have.
const earlyMs = 2 * leadMs;
const lateMs = 4_000;
const minWaitMs = 1_000;
// A line that asks so soon after its job came wasn't here before.
const newMs = 2_000;

/**
 * May this call be sent now, or in a second? It is granted when the limits have room for it and for all who go before it and are here. Those who
 * sleep are passed by: what they were told is when room would be, so it is there again when they wake.
 *
 * Asked twice by one attempt (its first answer was lost), it gives the same permit. Another attempt of the same line takes the
 * place of the first: the host runs a step again only when its first run is lost.
 */
export function ask(
  before: PoolState,
  limits: PoolLimits,
  request: Ask,
  now: number,
): { state: PoolState; decision: AskDecision } {
  const fresh = prune(before, now);
  // A permit is given so much before its time.
  const pruned = { ...fresh, learnt: settleSuspicion(fresh.learnt, fresh.starts, now + leadMs) };
  const own = pruned.permits.find(({ attempt }) => attempt === request.attempt);
  if (own) return { state: pruned, decision: { kind: "granted", permit: own } };
  const state = enter(pruned, request, now);
  const health = healthOf(breakerIn(state, request.deployment), now);
  // Where nothing is known to be scarce, each job's own patience does; the breaker says where else calls should go.
  const isHeldBack = health.kind === "open" && isLimited(limits, state.learnt, state.starts, now);
  if (isHeldBack) return wait(state, limits, request, now, health.until);
  const at = turnNow(state, limits, request.line.id, now);
  return at === undefined
    ? wait(state, limits, request, now)
    : grant(state, limits, request, at, health.kind === "halfOpen");
}

/** A deployment's breaker, without a probe whose permit has expired. */
export function breakerIn(state: PoolState, deployment: string) {
  const breaker = state.breakers[deployment];
  const isProbed = state.permits.some(({ attempt }) => attempt === breaker?.probe);
  return breaker?.probe === undefined || isProbed ? breaker : withoutProbe(breaker, breaker.probe);
}

/** Waiting and here. Its earlier run's permit, if any, is nobody's any more. */
export function enter(
  state: PoolState,
  { line, weight }: Pick<Ask, "line" | "weight">,
  now: number,
): PoolState {
  const others = state.waiting.filter(({ id }) => id !== line.id);
  const permits = state.permits.filter(({ id }) => id !== line.id);
  const share = state.callers[line.caller];
  // The next call of a line that runs, and one that was told to come back, are no arrivals.
  const finish = share?.finish ?? state.virtualTime;
  // Who had nothing waiting begins at the present: an idle time is no credit.
  const isIdle = !state.waiting.some(({ caller }) => caller === line.caller);
  const isNew = now - line.since < newMs && others.length === state.waiting.length;
  const arrivals = share && !isNew ? share.arrivals : observeArrival(share?.arrivals, now);
  return {
    ...state,
    permits,
    waiting: insertInOrder<WaitingCall>(others, { ...line, wakeAt: now }),
    callers: {
      ...state.callers,
      [line.caller]: { finish: isIdle ? Math.max(finish, state.virtualTime) : finish, weight, arrivals },
    },
  };
}

/** When this line's turn is, if that is about now. */
function turnNow(state: PoolState, limits: PoolLimits, id: string, now: number): number | undefined {
  const room = timeline(state, limits, now);
  // Where images are counted nobody is passed by: small calls would use up, again and again, what a large one waits for.
  const isPassable = limits.images === undefined;
  const here = state.waiting.filter(
    ({ wakeAt }) => (!isPassable || wakeAt - earlyMs <= now) && now <= wakeAt + lateMs,
  );
  const queue = turnOrder<WaitingCall>(here, state, limits);
  for (let call = queue.shift(); call; call = queue.shift()) {
    const at = room.next(call.images);
    if (at > now + leadMs) return undefined;
    if (call.id === id) return at;
    room.place(at, call.images, 0);
  }
  return undefined;
}

function grant(
  state: PoolState,
  limits: PoolLimits,
  { line, weight, deployment, attempt, permitMs }: Ask,
  at: number,
  isProbe: boolean,
): { state: PoolState; decision: AskDecision } {
  const { [line.caller]: share = newShare(state, weight, at) } = state.callers;
  const waiting = state.waiting.filter(({ id }) => id !== line.id);
  const paid = charge({ ...state, waiting }, line.caller, share, costIn(limits)(line));
  const permit = { ...line, attempt, deployment, at, expiresAt: at + permitMs, charge: paid.charge };
  const breaker = breakerIn(state, deployment);
  return {
    state: {
      ...state,
      starts: addStart(state.starts, at, line.images),
      permits: [...state.permits, permit],
      waiting,
      callers: paid.callers,
      virtualTime: paid.virtualTime,
      learnt: learnFromStart(state.learnt, state.starts, at),
      breakers:
        isProbe && breaker
          ? { ...state.breakers, [deployment]: { ...breaker, probe: attempt } }
          : state.breakers,
    },
    decision: { kind: "granted", permit },
  };
}

function newShare({ virtualTime }: PoolState, weight: number, now: number): CallerShare {
  return { weight, finish: virtualTime, arrivals: observeArrival(undefined, now) };
}

function wait(
  state: PoolState,
  limits: PoolLimits,
  { line }: Ask,
  now: number,
  openUntil?: number,
): { state: PoolState; decision: AskDecision } {
  const { startsAt, position } = turnOf(state, limits, line.id, now);
  const isThrottled = (state.learnt.recovery?.from ?? 0) > now;
  const reason = openUntil !== undefined ? "service" : isThrottled ? "throttled" : "quota";
  const latest = now + maxSleepMs(state.waiting.length);
  const turn = openUntil ?? earliestTurnOf(state, limits, line.id, now, latest);
  const until = Math.max(now + minWaitMs, turn - leadMs);
  const waiting = state.waiting
    .map((call) => (call.id === line.id ? { ...call, wakeAt: until } : call))
    .slice(0, maxWaiting);
  return {
    state: { ...state, waiting },
    decision: { kind: "wait", until, reason, startsAt: Math.max(startsAt, openUntil ?? now), position },
  };
}

/** Sleepers look now and then whether things have changed for them, all together not more than four times a second. */
function maxSleepMs(waiting: number): number {
  return Math.max(120_000, waiting * 250);
}

/**
 * The line doesn't wait here any more, nor is a call of it under way: its job ended, it moved to another pool, or the run that held
 * its permit died with the call's answer written.
 */
export function leave(before: PoolState, lineId: string, now: number): PoolState {
  const state = prune(before, now);
  const others = ({ id }: CallLine) => id !== lineId;
  return { ...state, waiting: state.waiting.filter(others), permits: state.permits.filter(others) };
}
