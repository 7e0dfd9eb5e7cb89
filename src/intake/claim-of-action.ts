import type { Claim } from "../domain/claim.ts";
import type { JobIds } from "../ports.ts";
import { type Asked, claimOf, hashOfAsked, hashOf } from "./claim-of.ts";

/**
 * The claim of a workflow's action. A workflow engine posts once more after a lost answer, a 429 or a time-out, and names
 * the run and the action in headers of its own: they are as good as a key, unless the workflow's author gave one.
 *
 * `x-ms-action-tracking-id` tells the turns of a loop apart, and stays over retries; `x-ms-client-request-id` doesn't
 * stay, so it is left out. What is asked for is part of the name: where the engine should ever tell two turns by the
 * same headers, another prompt is still another job and not a mismatch.
 */
export function claimOfAction({ ids }: { ids: JobIds }, asked: Asked): Claim | undefined {
  const { headers, caller } = asked;
  // A designer sends a header that was left empty.
  if ((headers.get("idempotency-key") ?? "") !== "") return claimOf({ ids }, asked);
  const run = headers.get("x-ms-workflow-run-id");
  const action = headers.get("x-ms-workflow-operation-name");
  if (!run || !action) return undefined;
  const turn = headers.get("x-ms-action-tracking-id") ?? "";
  const bodyHash = hashOfAsked(asked);
  const name = `run-${hashOf([caller, run, action, turn, bodyHash])}`;
  return { kind: "key", tag: ids.tagOf(caller), name, bodyHash };
}
