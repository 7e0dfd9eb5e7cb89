import type { Chosen, Offer } from "../domain/deployment.ts";
import { invalidRequest } from "../domain/fault.ts";
import type { ImageRequest, RequestedModel } from "../domain/image-request.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports.ts";
import type { JobRecord } from "../records.ts";

export interface Drafting {
  clock: Clock;
  jobDeadlineSeconds: number;
}

export interface Draft {
  id: string;
  caller: string;
  kind: JobRecord["kind"];
  offer: Offer;
  request: ImageRequest;
  requested?: RequestedModel;
  tags?: string[] | undefined;
  metadata?: Record<string, string> | undefined;
  inputs?: JobRecord["inputs"];
  awaits?: JobRecord["awaits"];
  inbox?: JobRecord["inbox"];
  webhook?: JobRecord["webhook"];
}

/** A job as it is first recorded. Time spent waiting for inputs isn't taken off its deadline. */
export function draftJob({ clock, jobDeadlineSeconds }: Drafting, draft: Draft): JobRecord {
  const { offer, ...facts } = draft;
  const now = clock.now();
  const startsBy = draft.awaits ? Date.parse(draft.awaits.until) : now.getTime();
  return withoutAbsent({
    ...facts,
    status: "queued" as const,
    model: offer.deployment.model,
    deployment: offer.deployment.name,
    createdAt: now.toISOString(),
    deadline: new Date(startsBy + jobDeadlineSeconds * 1000).toISOString(),
    // From the first write on: whoever is cut off after the end leaves it to jobs-reconcile.
    notice: "due" as const,
  });
}

/** The offer that was chosen; throws `invalidRequest` when there is none. `within` is the field that holds the wish. */
export function offerOf(chosen: Chosen, within?: string): Offer {
  if (chosen.ok) return chosen.offer;
  const violations = chosen.violations.map((violation) =>
    within === undefined ? violation : { ...violation, param: `${within}.${violation.param}` },
  );
  throw invalidRequest(violations, chosen.lead);
}
