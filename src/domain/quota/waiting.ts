import { breakerIn, type WaitReason } from "./ask.ts";
import { type Breaker, healthOf } from "./breaker.ts";
import { expectedMs } from "./durations.ts";
import { forecast } from "./forecast.ts";
import { type PoolLimits, type PoolState, prune } from "./pool-state.ts";

/** Why a job waits, and for how long. Times are ISO 8601 in UTC. */
export interface Waiting {
  /** `quota`: no room yet; `throttled`: the service turned calls away; `service`: its breaker is open. */
  reason: WaitReason;
  since: string;
  /** When its first call will probably be sent. */
  until: string;
  /** How many calls go before it. */
  position: number;
}

export interface JobWait {
  /** Absent while one of its calls is on its way. */
  waiting?: Waiting;
  /** Of the last call that is known of, in epoch milliseconds. */
  endsAt: number;
}

interface JobPlan {
  since?: number;
  startsAt?: number;
  position?: number;
  isSending: boolean;
  endsAt: number;
}

// A forecast that is longer is no better.
const maxForeseen = 5_000;

/** Names a call's line in its pool. */
export function lineIdOf(jobId: string, call: number): string {
  return `${jobId}:${call}`;
}

const jobOf = (lineId: string) => lineId.slice(0, lineId.lastIndexOf(":"));

/** One play of a pool's future, to look up any of its jobs in. `undefined` for a job without a line. */
export function waitsIn(
  unpruned: PoolState,
  limits: PoolLimits,
  now: number,
): (job: { id: string; deployment: string }) => JobWait | undefined {
  const state = prune(unpruned, now);
  const plans = planJobs(state, limits, now);
  const isThrottled = (state.learnt.recovery?.from ?? 0) > now;
  return ({ id, deployment }) => {
    const plan = plans.get(id);
    const breaker = breakerIn(state, deployment);
    if (!plan) return breaker && waitBetweenTries(breaker, now);
    const { isSending, endsAt, since = now, startsAt, position = 0 } = plan;
    if (isSending || startsAt === undefined) return { endsAt };
    const health = healthOf(breaker, now);
    const isOpen = health.kind === "open";
    const heldUntil = isOpen ? Math.max(health.until, startsAt) : startsAt;
    const waiting = {
      reason: isOpen ? ("service" as const) : isThrottled ? ("throttled" as const) : ("quota" as const),
      since: new Date(since).toISOString(),
      until: new Date(heldUntil).toISOString(),
      position,
    };
    return { waiting, endsAt: endsAt + heldUntil - startsAt };
  };
}

/** A call that the service failed is in no line until it is tried again. That is later than the breaker's own time at times. */
function waitBetweenTries({ openUntil, openMs }: Breaker, now: number): JobWait | undefined {
  if (openUntil === 0) return undefined;
  const until = Math.max(openUntil, now);
  const waiting = {
    reason: "service" as const,
    since: new Date(openUntil - openMs).toISOString(),
    until: new Date(until).toISOString(),
    position: 0,
  };
  return { waiting, endsAt: until + expectedMs({}, "") };
}

function planJobs(state: PoolState, limits: PoolLimits, now: number): Map<string, JobPlan> {
  const plans = new Map<string, JobPlan>();
  for (const { id, at, work } of state.permits) {
    const durationMs = expectedMs(state.durations, work);
    // A call that takes longer than expected is not over: it is given a quarter more of what it took.
    const endsAt = Math.max(at + durationMs, now + Math.max(durationMs, now - at) / 4);
    plans.set(jobOf(id), { isSending: true, endsAt: Math.max(plans.get(jobOf(id))?.endsAt ?? 0, endsAt) });
  }
  for (const { id, since } of state.waiting) {
    const plan = plans.get(jobOf(id));
    plans.set(jobOf(id), { isSending: false, endsAt: now, ...plan, since });
  }
  let position = 0;
  let foreseen = 0;
  for (const { id, startsAt, endsAt } of forecast(state, limits, now)) {
    foreseen += 1;
    if (foreseen === maxForeseen) break;
    const plan = plans.get(jobOf(id));
    // Those who are only expected to come have no plan, and no place in the line.
    if (!plan) continue;
    plan.startsAt ??= startsAt;
    plan.position ??= position;
    plan.endsAt = Math.max(plan.endsAt, endsAt);
    position += 1;
  }
  return plans;
}
