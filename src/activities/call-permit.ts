import type { CallStep } from "../contracts/workflow.ts";
import { errorInfo, type ErrorInfo, UpstreamError } from "../domain/app-error.ts";
import type { DeploymentQuota } from "../domain/deployment.ts";
import { ask, leave } from "../domain/quota/ask.ts";
import type { PoolState } from "../domain/quota/pool-state.ts";
import { isNews, type LearntLimits, type ReportedLimits } from "../domain/quota/learnt-limits.ts";
import { type CallEnd, settle } from "../domain/quota/settle.ts";
import { isLate } from "../domain/quota/start-log.ts";
import { lineIdOf } from "../domain/quota/waiting.ts";
import { callLine } from "../jobs/call-line.ts";
import { unlessCrowded } from "../jobs/unless-crowded.ts";
import type { SubmitOutcome } from "../domain/upstream-outcome.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { QuotaPools } from "../ports/quota.ts";
import type { JobRecord } from "../ports/records.ts";

export interface PermitDeps {
  clock: Clock;
  jobs: Pick<JobStore, "append">;
  quotaPools: QuotaPools;
  quotas: ReadonlyMap<string, DeploymentQuota>;
  warn: (line: string) => void;
}

/** A permit that was granted to this run of the step. */
export interface HeldPermit {
  /** Not before, in epoch milliseconds: a second or so from now, at most. */
  at: number;
  /** What the service says of its limits in its answer, to be told to the pool with the call's end. */
  report: (limits: ReportedLimits) => void;
  /** Once, with when the call was sent, if it was; what is told later is ignored. Never fails: a permit that can't be given back expires. */
  settle(end: CallEnd, sentAt?: number): Promise<void>;
}

interface PermittedCall {
  job: JobRecord;
  step: CallStep;
  /** How many it asks for. */
  images: number;
  /** Of this run alone. */
  attempt: string;
  /** Whether any call of its job was sent before. */
  hasBegun: boolean;
}

export type Acquired =
  | { kind: "free"; permit?: HeldPermit }
  | { kind: "queued"; until: number }
  /** Its turn comes later than its job may wait. */
  | { kind: "tooLate"; failure: ErrorInfo };

// As long as a step may take, and some to spare.
const permitMs = 10 * 60_000;
// Everybody writes the pool's state at once.
const crowdedMs = 2_000;

/**
 * A permit of the deployment's pool; none for a deployment that isn't configured any more; or when to ask again, which watchers of
 * the job are told of. Throws when storage fails.
 */
export async function acquirePermit(
  deps: PermitDeps,
  { job, step, images, attempt, hasBegun }: PermittedCall,
): Promise<Acquired> {
  const { clock, quotaPools, quotas } = deps;
  const { deployment } = job;
  const quota = quotas.get(deployment);
  if (!quota) return { kind: "free" };
  const line = callLine(job, step.call, images);
  const request = { line, weight: 1, deployment, attempt, permitMs };
  const seen = { isAwaited: false, isNew: false, learnt: {} as LearntLimits };
  const decision = await unlessCrowded(() =>
    quotaPools.change(quota.pool, (state) => {
      // Others wait to hear that the deployment is well, or that one call less is under way.
      seen.isAwaited = state.breakers[deployment] !== undefined || quota.limits.parallel !== undefined;
      seen.learnt = state.learnt;
      seen.isNew = !state.waiting.some(({ id, wakeAt, since }) => id === line.id && wakeAt > since);
      return ask(state, quota.limits, request, clock.now().getTime());
    }),
  );
  if (decision?.kind === "granted")
    return { kind: "free", permit: held(deps, quota.pool, decision.permit, seen) };
  const now = clock.now().getTime();
  const until = decision?.until ?? now + crowdedMs;
  const { queueDeadline = job.deadline, latestEnd = job.deadline } = job;
  if (until >= Date.parse(hasBegun ? latestEnd : queueDeadline)) {
    quotaPools.later(quota.pool, (state) => leave(state, line.id, now));
    return { kind: "tooLate", failure: hasBegun ? neverAsked : neverBegun };
  }
  if (decision && (seen.isNew || decision.reason !== "quota")) {
    const { reason, startsAt, position } = decision;
    const [since, foretold] = [line.since, startsAt].map((ms) => new Date(ms).toISOString()) as [
      string,
      string,
    ];
    await deps.jobs.append(job.id, {
      type: "job.waiting",
      waiting: { reason, since, until: foretold, position },
    });
  }
  return { kind: "queued", until };
}

/** Gives back what an earlier run of the call's step took, where its place counts until it does. Never fails: a permit expires. */
export async function releaseLine(
  deps: GiveBackDeps & Pick<PermitDeps, "quotas">,
  { job, step }: { job: JobRecord; step: CallStep },
): Promise<void> {
  const quota = deps.quotas.get(job.deployment);
  if (quota?.limits.parallel === undefined) return;
  const line = lineIdOf(job.id, step.call);
  const now = deps.clock.now().getTime();
  await giveBack(deps, quota.pool, (state) => leave(state, line, now));
}

type GiveBackDeps = Pick<PermitDeps, "quotaPools" | "clock" | "warn">;

/** Never fails: a permit that can't be given back expires. */
async function giveBack(
  { quotaPools, warn }: GiveBackDeps,
  pool: string,
  edit: (state: PoolState) => PoolState,
): Promise<void> {
  try {
    await quotaPools.change(pool, (state) => ({ state: edit(state), decision: undefined }));
  } catch {
    warn("A permit could not be given back to its quota pool: it expires by itself.");
  }
}

const neverBegun = errorInfo(
  "deadlineExceeded",
  "The job's queue deadline passed before its turn came; the service was not asked.",
);
const neverAsked = errorInfo(
  "deadlineExceeded",
  "The job's deadline passed before the service was asked for this image.",
);

/** @param isAwaited whether others wait to hear of its end */
function held(
  deps: PermitDeps,
  pool: string,
  { attempt, at }: { attempt: string; at: number },
  { isAwaited, learnt }: { isAwaited: boolean; learnt: LearntLimits },
): HeldPermit {
  let isSettled = false;
  let reported: ReportedLimits | undefined;
  return {
    at,
    report(limits) {
      reported = limits;
    },
    async settle(end, sentAt) {
      if (isSettled) return;
      isSettled = true;
      const endedAt = deps.clock.now().getTime();
      const edit = (state: PoolState) => settle(state, { attempt, end, sentAt, reported }, endedAt);
      // What nobody waits for costs no request: a start counts until it is a minute old, however its call ended.
      const isUrgent =
        isAwaited || isLate(at, sentAt) || (reported !== undefined && isNews(learnt, reported, endedAt));
      if (!isUrgent && (end.kind === "answered" || end.kind === "rejected")) {
        deps.quotaPools.later(pool, edit);
        return;
      }
      await giveBack(deps, pool, edit);
    },
  };
}

/** Sends a call and tells its pool how it ended. */
export async function settlingPermit<T extends SubmitOutcome>(
  { clock }: Pick<PermitDeps, "clock">,
  permit: HeldPermit | undefined,
  send: () => Promise<T>,
): Promise<T> {
  if (!permit) return send();
  const sentAt = clock.now().getTime();
  try {
    const outcome = await send();
    await permit.settle(endOf(outcome, clock.now().getTime() - sentAt), sentAt);
    return outcome;
  } catch (error) {
    const wasTaken = !(error instanceof UpstreamError) || error.mayBeBilled;
    await permit.settle({ kind: wasTaken ? "lost" : "unavailable" }, sentAt);
    throw error;
  }
}

function endOf(outcome: SubmitOutcome, durationMs: number): CallEnd {
  switch (outcome.kind) {
    case "stored":
    case "fetching":
      return { kind: "answered", durationMs };
    case "throttled":
      return { kind: "throttled", ...(outcome.retryAfterMs > 0 && { retryAfterMs: outcome.retryAfterMs }) };
    case "unavailable":
      return { kind: outcome.mayBeBilled ? "lost" : "unavailable" };
    case "accountBlocked":
      return { kind: "blocked" };
    case "lost":
      return { kind: "lost" };
    // An operation was taken: how long it takes, its polls will see.
    case "submitted":
    case "refused":
    case "rejected":
    case "busy":
    case "queued":
      return { kind: "rejected" };
  }
}
