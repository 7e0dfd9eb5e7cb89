import type { IdempotencyKey } from "../domain/idempotency.ts";
import type { JobIds } from "../ports/jobs.ts";
import { type Asked, idempotencyKeyOf, hashOfAsked, hashOf } from "../jobs/idempotency-key.ts";

type Turn = Pick<IdempotencyKey, "name" | "bodyHash">;

/**
 * The claim of a workflow's action: under the key that the workflow's author gave, or else by what tells one turn of the
 * action from another. What is asked for is part of a turn's name: should two turns ever be told by the same, another
 * prompt is still another job and not a mismatch.
 *
 * Under an author's key the callback's address is no part of what is compared: a run that is submitted again asks for the
 * same, and waits elsewhere.
 */
export function idempotencyKeyOfAction(
  { ids }: { ids: JobIds },
  asked: Asked,
  callbackUrl?: string,
): IdempotencyKey | undefined {
  // A designer sends a header that was left empty.
  if ((asked.headers.get("idempotency-key") ?? "") !== "") return idempotencyKeyOf({ ids }, asked);
  const turn = callbackUrl === undefined ? turnOfRun(asked) : turnOfCallback(asked, callbackUrl);
  return turn && { kind: "key", tag: ids.tagOf(asked.caller), ...turn };
}

/**
 * A workflow engine posts once more after a lost answer, a 429 or a time-out, and names the run and the action in headers
 * of its own: they are as good as a key. `x-ms-action-tracking-id` tells the turns of a loop apart, and stays over retries;
 * `x-ms-client-request-id` doesn't stay, so it is left out.
 */
function turnOfRun(asked: Asked): Turn | undefined {
  const { headers, caller } = asked;
  const run = headers.get("x-ms-workflow-run-id");
  const action = headers.get("x-ms-workflow-operation-name");
  if (!run || !action) return undefined;
  const turn = headers.get("x-ms-action-tracking-id") ?? "";
  const bodyHash = hashOfAsked(asked);
  return { name: `run-${hashOf([caller, run, action, turn, bodyHash])}`, bodyHash };
}

/** An engine makes one address for each turn of each action of each run, so the address is as good as a key. */
function turnOfCallback(asked: Asked, callbackUrl: string): Turn {
  const bodyHash = hashOfAsked({ ...asked, body: { body: asked.body, callbackUrl } });
  return { name: `callback-${bodyHash}`, bodyHash };
}
