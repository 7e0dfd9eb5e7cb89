import type { DeploymentQuota } from "../domain/deployment.ts";
import type { Job } from "../contracts/http-api.ts";
import { isTerminal } from "../domain/image-job.ts";
import { type JobWait, waitsIn } from "../domain/quota/waiting.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { QuotaPools } from "../ports/quota.ts";
import type { JobRecord } from "../ports/records.ts";

/** What open jobs wait for, and until when. */
export interface JobWaits {
  /** Undefined for a job that has ended, whose deployment has no limits, or that no call is known of. */
  of(job: JobRecord): Promise<JobWait | undefined>;
}

/** The same as a job's callers see it; nothing where nothing is known. */
export async function viewWait(
  waits: JobWaits,
  job: JobRecord,
): Promise<Pick<Job, "waiting" | "estimated_end">> {
  const wait = await waits.of(job);
  return withoutAbsent({
    waiting: wait?.waiting,
    estimated_end: wait && new Date(wait.endsAt).toISOString(),
  });
}

// Polls of many jobs share one read of their pool; where nobody waits, for longer.
const sharedMs = 1_000;
const idleMs = 5_000;

/**
 * By the state that instances share of a pool: who waits is there already, and nothing is written for those who look. A list
 * of a hundred jobs costs one read and one forecast for each pool.
 */
export function jobWaits({
  quotaPools,
  quotas,
  clock,
}: {
  quotaPools: Pick<QuotaPools, "read">;
  quotas: ReadonlyMap<string, DeploymentQuota>;
  clock: Clock;
}): JobWaits {
  const looks = new Map<string, { until: number; waits: Promise<ReturnType<typeof waitsIn>> }>();

  function look({ pool, limits }: DeploymentQuota) {
    const now = clock.now().getTime();
    const known = looks.get(pool);
    if (known && now < known.until) return known.waits;
    const shared = { until: now + sharedMs };
    const waits = quotaPools.read(pool).then((state) => {
      if (state.waiting.length === 0 && !Object.keys(limits).length) shared.until = now + idleMs;
      return waitsIn(state, limits, clock.now().getTime());
    });
    looks.set(pool, Object.assign(shared, { waits }));
    // One that failed is no answer for others.
    waits.catch(() => looks.delete(pool));
    return waits;
  }

  return {
    async of(job) {
      const quota = isTerminal(job.status) ? undefined : quotas.get(job.deployment);
      return quota && (await look(quota))(job);
    },
  };
}
