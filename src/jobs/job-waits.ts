import type { Job } from "../contracts/http-api.ts";
import { type DeploymentQuota, placesOf, type ResolvedDeployment } from "../domain/deployment.ts";
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

/** Of a job whose calls wait in several pools: it waits while none of them is on its way, for the first that will be. */
function joined([first, ...others]: JobWait[]): JobWait | undefined {
  return others.reduce<JobWait | undefined>((a, b) => {
    if (!a) return b;
    const waiting = a.waiting && b.waiting && (a.waiting.until <= b.waiting.until ? a.waiting : b.waiting);
    return { endsAt: Math.max(a.endsAt, b.endsAt), ...(waiting && { waiting }) };
  }, first);
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
  offers,
  clock,
}: {
  quotaPools: Pick<QuotaPools, "read">;
  quotas: ReadonlyMap<string, DeploymentQuota>;
  offers: readonly ResolvedDeployment[];
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
      if (isTerminal(job.status)) return undefined;
      const names = placesOf(job, offers).map(({ deployment: { name } }) => name);
      // One deployment for each pool.
      const pools = new Map(names.toReversed().map((name) => [quotas.get(name), name]));
      const waits = await Promise.all(
        [...pools].map(
          async ([quota, deployment]) => quota && (await look(quota))({ id: job.id, deployment }),
        ),
      );
      return joined(waits.filter((wait) => wait !== undefined));
    },
  };
}
