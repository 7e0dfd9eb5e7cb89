import type { PoolLimits } from "./quota/pool-state.ts";
import type { Violation } from "./app-error.ts";
import { validateParams, type ImageParams } from "./image-request.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Alias } from "./model-alias.ts";
import { findCapability, forService, type ModelCapability, type ServiceKind } from "./model-catalogue.ts";

export interface DeploymentQuota {
  pool: string;
  limits: PoolLimits;
}

/** A configured place that can run a model. It holds no key: adapters look that up by `name`. */
export interface Deployment {
  name: string;
  model: string;
  kind: ServiceKind;
  /** Most calls at once of its pool, and so of one job: it needs no more batches. */
  maxParallel?: number;
  /** No call is sent without a permit of its pool. */
  quota?: DeploymentQuota;
  /** Its share of the calls that could start as soon elsewhere; 1 when absent. */
  weight?: number;
  /** Of deployments where a call could start as soon, the least goes first; 1 when absent. */
  priority?: number;
}

/** A deployment and what its model can do there. */
export interface ResolvedDeployment {
  deployment: Deployment;
  capability: ModelCapability;
  /** The deployment stands in for another name, by which alone it is chosen here. */
  alias?: Alias;
}

export type RequestParams = ImageParams & { model?: string | undefined; deployment?: string | undefined };
export type Chosen =
  | { ok: true; offer: ResolvedDeployment }
  | { ok: false; violations: Violation[]; lead?: string };

export function resolveDeployments(
  deployments: readonly Deployment[],
  catalogue: readonly ModelCapability[],
): ResolvedDeployment[] {
  return deployments.map((deployment) => ({
    deployment,
    capability: forService(findCapability(catalogue, deployment.model), deployment.kind),
  }));
}

/**
 * Whether an Azure resource is addressed by its v1 API, which names the deployment as `model` in each body, and not by the
 * API by dates, which names it in the address. `endpoint` is a whole URL.
 */
export function isV1Endpoint(endpoint: string): boolean {
  return /\/openai\/v1\/*$/.test(new URL(endpoint).pathname);
}

/**
 * The one place that decides which deployment runs a request.
 *
 * A caller who names a model or a deployment gets the first that matches. A caller who names neither gets the first
 * configured one whose model can do all that was asked; if none can, the answer holds every model's reason.
 */
export function chooseDeployment(params: RequestParams, offers: readonly ResolvedDeployment[]): Chosen {
  const candidates = matchingDeployments(params, offers);
  const [first] = candidates;
  if (!first) return { ok: false, violations: [unknownPlace(params, offers)] };
  const isNamed = params.model !== undefined || params.deployment !== undefined;
  const considered = isNamed ? [first] : candidates;
  const offer = considered.find(({ capability }) => validateParams(params, capability).length === 0);
  if (offer) return { ok: true, offer };
  const violations = violationsOf(params, considered);
  // What every model has against it in the same words isn't about models.
  return considered.length === 1 || violations.length === 1
    ? { ok: false, violations }
    : { ok: false, violations, lead: "No model that is deployed here can do all of this:" };
}

/** The deployments that may run a job's calls: its own, or where it named none, all of its model at the same kind of service. */
export function placesOf(
  job: { deployment: string; model: string; anyDeployment?: true },
  offers: readonly ResolvedDeployment[],
): ResolvedDeployment[] {
  const places = offers.filter(({ alias }) => !alias);
  const own = places.find(({ deployment }) => deployment.name === job.deployment);
  if (!own || !job.anyDeployment) return own ? [own] : [];
  return places.filter(
    ({ deployment: { model, kind } }) => model === job.model && kind === own.deployment.kind,
  );
}

/** Those that the request names; all of them when it names none. */
export function matchingDeployments(
  params: Pick<RequestParams, "model" | "deployment">,
  offers: readonly ResolvedDeployment[],
): ResolvedDeployment[] {
  return offers.filter((offer) => {
    const { model, deployment } = namesOf(offer);
    return (
      (params.deployment === undefined || deployment === params.deployment) &&
      (params.model === undefined || model === params.model)
    );
  });
}

/** By which names an offer is asked for. */
export function namesOf({ deployment, alias }: ResolvedDeployment): { model: string; deployment: string } {
  return alias
    ? { model: alias.name, deployment: alias.name }
    : { model: deployment.model, deployment: deployment.name };
}

function unknownPlace(params: RequestParams, offers: readonly ResolvedDeployment[]): Violation {
  const names = offers.map(namesOf);
  const named = names.find(({ deployment }) => deployment === params.deployment);
  if (named) {
    const message = `deployment ${JSON.stringify(named.deployment)} runs ${named.model}, not the model that was asked for.`;
    return { param: "model", message, allowed: [named.model] };
  }
  const param = params.deployment === undefined ? "model" : "deployment";
  const allowed = [...new Set(names.map((each) => each[param]))];
  const meant = didYouMean(params[param] ?? "", allowed);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  const message = `${param} is not one that is deployed here: ${allowed.join(", ")}.${hint}`;
  return { param, message, allowed };
}

/** Each reason once; several models may share one. */
function violationsOf(params: RequestParams, offers: readonly ResolvedDeployment[]): Violation[] {
  const all = offers.flatMap(({ capability }) => validateParams(params, capability));
  return [...new Map(all.map((violation) => [violation.message, violation])).values()];
}
