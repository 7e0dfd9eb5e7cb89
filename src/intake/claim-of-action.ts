import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import type { Claim } from "../domain/claim.ts";
import type { JobIds } from "../ports.ts";
import { type Asked, claimOf } from "./claim-of.ts";

/**
 * The claim of a workflow's action. A workflow engine posts once more after a lost answer, a 429 or a time-out, and names
 * the run and the action in headers of its own: they are as good as a key, unless the workflow's author gave one.
 *
 * `x-ms-action-tracking-id` tells the turns of a loop apart, and stays over retries; `x-ms-client-request-id` doesn't
 * stay, so it is left out. What is asked for is part of the name: where the engine should ever tell two turns by the
 * same headers, another prompt is still another job and not a mismatch.
 */
export function claimOfAction({ ids }: { ids: JobIds }, asked: Asked): Claim | undefined {
  const given = asked.headers.get("idempotency-key");
  const key = given === null || given === "" ? keyOfRun(asked) : given;
  const headers = { get: (name: string) => (name === "idempotency-key" ? (key ?? null) : null) };
  return claimOf({ ids }, { ...asked, headers });
}

function keyOfRun({ headers, route, body }: Asked): string | undefined {
  const run = headers.get("x-ms-workflow-run-id");
  const action = headers.get("x-ms-workflow-operation-name");
  if (!run || !action) return undefined;
  const turn = headers.get("x-ms-action-tracking-id") ?? "";
  const text = canonicalJson([run, action, turn, route, body]);
  return `workflow-${createHash("sha256").update(text).digest("hex")}`;
}
