import type { Claim } from "../domain/claim.ts";
import type { JobIds } from "../ports.ts";
import { type Asked, claimOf, hashOfAsked } from "./claim-of.ts";

/**
 * The claim of an action that waits for a callback. An engine makes one address for each turn of each action of each run,
 * so the address is as good as a key, unless the workflow's author gave one. What is asked for is part of the name, as it
 * is for other actions: should two turns ever share an address, another prompt is still another job.
 *
 * Under an author's key the address is no part of what is compared: a run that is submitted again asks for the same, and
 * waits elsewhere.
 */
export function claimOfWaiting(
  { ids }: { ids: JobIds },
  asked: Asked,
  callbackUrl: string,
): Claim | undefined {
  const { headers, caller, body } = asked;
  if ((headers.get("idempotency-key") ?? "") !== "") return claimOf({ ids }, asked);
  const bodyHash = hashOfAsked({ ...asked, body: { body, callbackUrl } });
  return { kind: "key", tag: ids.tagOf(caller), name: `callback-${bodyHash}`, bodyHash };
}
