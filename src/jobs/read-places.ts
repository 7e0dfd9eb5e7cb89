import type { DeploymentQuota, ResolvedDeployment } from "../domain/deployment.ts";
import type { Place } from "../domain/quota/placement.ts";
import { emptyPool } from "../domain/quota/pool-state.ts";
import type { QuotaPools } from "../ports/quota.ts";

// What this process writes it knows at once; what others write, so much later.
const maxAgeMs = 1_000;

interface ReadPlacesDeps {
  quotaPools: Pick<QuotaPools, "readAll">;
  quotas: ReadonlyMap<string, DeploymentQuota>;
}

/** What is known of the pools of deployments, as places for calls. Throws when storage fails. */
export async function readPlaces(
  { quotaPools, quotas }: ReadPlacesDeps,
  offers: readonly ResolvedDeployment[],
): Promise<Place[]> {
  const pools = new Set(offers.flatMap(({ deployment: { name } }) => quotas.get(name)?.pool ?? []));
  const states = await quotaPools.readAll([...pools], maxAgeMs);
  return offers.map(({ deployment: { name, weight = 1, priority = 1 } }) => {
    const { pool, limits } = quotas.get(name) ?? { pool: name, limits: {} };
    return {
      deployment: name,
      pool,
      limits,
      state: states.get(pool) ?? emptyPool,
      weight,
      priority,
      cost: 0,
    };
  });
}
