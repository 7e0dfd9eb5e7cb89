import { isBound } from "../domain/call-attempts.ts";
import { type DeploymentQuota, placesOf, type ResolvedDeployment } from "../domain/deployment.ts";
import { leave } from "../domain/quota/ask.ts";
import { choosePlace } from "../domain/quota/placement.ts";
import { callLine } from "../jobs/call-line.ts";
import { readPlaces } from "../jobs/read-places.ts";
import { unlessCrowded } from "../jobs/unless-crowded.ts";
import type { Clock } from "../ports/clock.ts";
import type { QuotaPools } from "../ports/quota.ts";
import { type FoundCall, missingSlots } from "./find-call.ts";

export interface PlaceCallDeps {
  clock: Clock;
  quotaPools: QuotaPools;
  quotas: ReadonlyMap<string, DeploymentQuota>;
  offers: readonly ResolvedDeployment[];
}

/**
 * The call with the deployment that it is to go to: of those that may run its job, where the line is worked off soonest. One that a service
 * may have begun stays there. Where it waits for another pool, it waits no more. Throws when storage fails.
 */
export async function placeCall(deps: PlaceCallDeps, found: FoundCall): Promise<FoundCall> {
  const { clock, quotaPools, offers } = deps;
  const { job, step, progress, record } = found;
  const alike = placesOf(job, offers);
  if (alike.length < 2 || (record && isBound(record))) return found;
  const places = await readPlaces(deps, alike);
  const line = callLine(job, step.call, missingSlots(step, progress).length);
  const inLine = places.filter(({ state }) => state.waiting.some(({ id }) => id === line.id));
  const current = inLine.find(({ deployment }) => deployment === job.deployment) ?? inLine[0];
  const now = clock.now().getTime();
  const best = choosePlace(places, line, now, current?.deployment);
  if (!best) return found;
  for (const pool of new Set(inLine.map((place) => place.pool)))
    if (pool !== best.pool)
      await unlessCrowded(() =>
        quotaPools.change(pool, (state) => ({ state: leave(state, line.id, now), decision: true })),
      );
  return { ...found, job: { ...job, deployment: best.deployment } };
}
