import { AppError } from "../domain/app-error.ts";
import { type DeploymentQuota, placesOf, type ResolvedDeployment } from "../domain/deployment.ts";
import { isTerminal } from "../domain/image-job.ts";
import { planCalls } from "../domain/plan-calls.ts";
import { admit } from "../domain/quota/admission.ts";
import { leave } from "../domain/quota/ask.ts";
import { isLimited } from "../domain/quota/learnt-limits.ts";
import { choosePlace } from "../domain/quota/placement.ts";
import type { Clock } from "../ports/clock.ts";
import type { QuotaPools } from "../ports/quota.ts";
import type { JobRecord } from "../ports/records.ts";
import { callLine } from "./call-line.ts";
import { readPlaces } from "./read-places.ts";
import { unlessCrowded } from "./unless-crowded.ts";

/** Where a job's calls wait for their turns, before the job is accepted. */
export interface JobQueue {
  /**
   * The deployment of the same model whose line is worked off soonest. A job that named a deployment keeps it.
   */
  place(job: JobRecord): Promise<JobRecord>;
  /**
   * Takes places in the line for all calls of a job that is about to be accepted, and returns how to give them up. Throws
   * `throttled`, with the wait after which asking again may help, when the first of them would come after the job's queue deadline.
   * Where no limit is known there is nothing to wait for, and nothing is written.
   */
  join(job: JobRecord): Promise<{ leave: () => void }>;
}

interface JobQueueDeps {
  clock: Clock;
  quotaPools: QuotaPools;
  quotas: ReadonlyMap<string, DeploymentQuota>;
  offers: readonly ResolvedDeployment[];
}

const nowhere = { leave: () => undefined };

export function jobQueue({ clock, quotaPools, quotas, offers }: JobQueueDeps): JobQueue {
  function linesOf(job: JobRecord) {
    const offer = offers.find(({ deployment }) => deployment.name === job.deployment);
    const imagesPerCall = job.request.stream ? 1 : (offer?.capability.imagesPerCall ?? 1);
    return planCalls(job.request.n, imagesPerCall).map(({ call, slots }) =>
      callLine(job, call, slots.length),
    );
  }

  return {
    async place(job) {
      const alike = placesOf(job, offers);
      if (alike.length < 2 || isTerminal(job.status)) return job;
      const [line] = linesOf(job);
      const places = await readPlaces({ quotaPools, quotas }, alike);
      const best = line && choosePlace(places, line, clock.now().getTime());
      return best ? { ...job, deployment: best.deployment } : job;
    },
    async join(job) {
      const quota = quotas.get(job.deployment);
      // What waits for its inputs first asks when they are there.
      if (!quota || job.awaits || isTerminal(job.status)) return nowhere;
      const { pool, limits } = quota;
      if (!isGiven(limits)) {
        const { learnt, starts } = await quotaPools.read(pool, 60_000);
        if (!isLimited(limits, learnt, starts, clock.now().getTime())) return nowhere;
      }
      const lines = linesOf(job);
      const now = Date.parse(job.createdAt);
      const deadline = Date.parse(job.queueDeadline ?? job.deadline);
      const admission = await unlessCrowded(() =>
        quotaPools.change(pool, (state) => {
          const decision = admit(state, limits, { lines, weight: 1, deadline }, now);
          return { state: decision.kind === "admitted" ? decision.state : state, decision };
        }),
      );
      // Its calls bring their place along when they ask.
      if (!admission) return nowhere;
      if (admission.kind === "refused") throw tooLong(admission, { now, deadline });
      return {
        leave: () =>
          quotaPools.later(pool, (state) => lines.reduce((left, { id }) => leave(left, id, now), state)),
      };
    },
  };
}

const isGiven = (limits: object) => Object.keys(limits).length > 0;

function tooLong(
  { startsAt, retryAfterMs }: { startsAt: number; retryAfterMs: number },
  { now, deadline }: { now: number; deadline: number },
): AppError {
  const inSeconds = (ms: number) => Math.ceil(ms / 1_000);
  const message = `The job's turn would come in about ${inSeconds(startsAt - now)} s, later than the ${inSeconds(deadline - now)} s that it may wait. Nothing was recorded.`;
  return new AppError("throttled", message, { retryAfterSeconds: inSeconds(retryAfterMs) });
}
