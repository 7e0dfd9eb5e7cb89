import type { Chosen, ResolvedDeployment } from "../domain/deployment.ts";
import { invalidRequest } from "../domain/app-error.ts";
import type { ImageRequest, RequestedModel } from "../domain/image-request.ts";
import { findPrice, type Price, type Rate, rateOf } from "../domain/quota/prices.ts";
import type { Priority } from "../domain/quota/pool-state.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobRecord } from "../ports/records.ts";

export interface JobRecordDeps {
  clock: Clock;
  jobDeadlineSeconds: number;
  queueDeadlineSeconds: number;
  prices: readonly Price[];
}

/** Whose job it is, and under which id. */
export interface Owner {
  id: string;
  caller: string;
}

/** What a request says of when its job is to run. */
export interface Scheduling {
  priority?: Priority | undefined;
  queue_deadline_seconds?: number | undefined;
  deadline_seconds?: number | undefined;
}

export interface NewJob extends Owner {
  anyDeployment?: true | undefined;
  kind: JobRecord["kind"];
  offer: ResolvedDeployment;
  request: ImageRequest;
  scheduling?: Scheduling | undefined;
  requested?: RequestedModel;
  tags?: string[] | undefined;
  metadata?: Record<string, string> | undefined;
  inputs?: JobRecord["inputs"];
  awaits?: JobRecord["awaits"];
  inbox?: JobRecord["inbox"];
  webhook?: JobRecord["webhook"];
}

/** A job as it is first recorded. Time spent waiting for inputs isn't taken off its deadlines; a request may shorten them. */
export function createJobRecord(deps: JobRecordDeps, draft: NewJob): JobRecord {
  const { clock } = deps;
  const { offer, scheduling = {}, ...facts } = draft;
  const { priority, queue_deadline_seconds, deadline_seconds } = scheduling;
  const mayWait = Math.min(queue_deadline_seconds ?? Infinity, deps.queueDeadlineSeconds);
  const mayRun = Math.min(deadline_seconds ?? Infinity, deps.jobDeadlineSeconds);
  const now = clock.now();
  const startsBy = draft.awaits ? Date.parse(draft.awaits.until) : now.getTime();
  return withoutAbsent({
    ...facts,
    status: "queued" as const,
    model: offer.deployment.model,
    deployment: offer.deployment.name,
    priority,
    // As it was when the job was accepted: prices change.
    price: priceOf(deps.prices, offer.deployment.model, draft.request),
    createdAt: now.toISOString(),
    deadline: new Date(startsBy + mayRun * 1000).toISOString(),
    queueDeadline: new Date(startsBy + mayWait * 1000).toISOString(),
    latestEnd: new Date(startsBy + (mayWait + mayRun) * 1000).toISOString(),
    // From the first write on: anyone who is cut off after the end leaves it to jobs-reconcile.
    notification: "pending" as const,
  });
}

/** Whether a job may run at any deployment of its model: the request named none, and none stands in for its model. */
export function isAnywhere(
  { deployment }: { deployment?: string | undefined },
  { alias }: ResolvedDeployment,
): true | undefined {
  return deployment === undefined && !alias ? true : undefined;
}

function priceOf(
  prices: readonly Price[],
  model: string,
  { size, quality = "" }: ImageRequest,
): Rate | undefined {
  const price = findPrice(prices, { model, size, quality });
  return price && rateOf(price);
}

/** The offer that was chosen; throws `invalidRequest` when there is none. `within` is the field that holds the request. */
export function requireDeployment(chosen: Chosen, within?: string): ResolvedDeployment {
  if (chosen.ok) return chosen.offer;
  const violations = chosen.violations.map((violation) =>
    within === undefined ? violation : { ...violation, param: `${within}.${violation.param}` },
  );
  throw invalidRequest(violations, chosen.lead);
}
