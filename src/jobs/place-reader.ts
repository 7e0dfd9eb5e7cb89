import type { DeploymentQuota, ResolvedDeployment } from "../domain/deployment.ts";
import type { Place } from "../domain/quota/placement.ts";
import { emptyPool } from "../domain/quota/pool-state.ts";
import type { QuotaPools } from "../ports/quota.ts";

// What this process writes it knows at once; what others write, so much later.
const maxAgeMs = 1_000;

/** Reads what is known of the pool of a deployment, as a place for calls. */
export function placeReader({
  quotaPools,
  quotas,
}: {
  quotaPools: Pick<QuotaPools, "read">;
  quotas: ReadonlyMap<string, DeploymentQuota>;
}): (offer: ResolvedDeployment) => Promise<Place> {
  return async ({ deployment: { name, weight = 1, priority = 1 } }) => {
    const { pool, limits } = quotas.get(name) ?? { pool: name, limits: {} };
    const state = quotas.has(name) ? await quotaPools.read(pool, maxAgeMs) : emptyPool;
    return { deployment: name, pool, limits, state, weight, priority, cost: 0 };
  };
}
