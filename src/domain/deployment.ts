import type { Violation } from "./fault.ts";
import { checkWish, type ImageWish } from "./image-request.ts";
import { findCapability, forService, type ModelCapability, type ServiceKind } from "./model-catalogue.ts";

/** A configured place that can run a model. It holds no key: adapters look that up by `name`. */
export interface Deployment {
  name: string;
  model: string;
  kind: ServiceKind;
  /** Most calls that one job may have in flight here. */
  maxParallel?: number;
}

/** A deployment and what its model can do there. */
export interface Offer {
  deployment: Deployment;
  capability: ModelCapability;
}

export type Wish = ImageWish & { model?: string | undefined; deployment?: string | undefined };
export type Chosen = { ok: true; offer: Offer } | { ok: false; violations: Violation[]; lead?: string };

export function offersOf(deployments: readonly Deployment[], catalogue: readonly ModelCapability[]): Offer[] {
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
 * The one place that decides which deployment runs a wish.
 *
 * A caller who names a model or a deployment gets the first that matches. A caller who names neither gets the first
 * configured one whose model can do all that was asked; if none can, the answer holds every model's objection.
 */
export function chooseDeployment(wish: Wish, offers: readonly Offer[]): Chosen {
  const candidates = offersFor(wish, offers);
  const [first] = candidates;
  if (!first) return { ok: false, violations: [unknownPlace(wish, offers)] };
  const isNamed = wish.model !== undefined || wish.deployment !== undefined;
  const considered = isNamed ? [first] : candidates;
  const offer = considered.find(({ capability }) => checkWish(wish, capability).length === 0);
  if (offer) return { ok: true, offer };
  const violations = objections(wish, considered);
  return considered.length === 1
    ? { ok: false, violations }
    : { ok: false, violations, lead: "No model that is deployed here can do all of this:" };
}

/** Those that the wish names; all of them when it names none. */
export function offersFor(wish: Pick<Wish, "model" | "deployment">, offers: readonly Offer[]): Offer[] {
  return offers.filter(
    ({ deployment }) =>
      (wish.deployment === undefined || deployment.name === wish.deployment) &&
      (wish.model === undefined || deployment.model === wish.model),
  );
}

function unknownPlace(wish: Wish, offers: readonly Offer[]): Violation {
  const deployments = offers.map(({ deployment }) => deployment);
  const named = deployments.find(({ name }) => name === wish.deployment);
  if (named) {
    const message = `deployment ${JSON.stringify(named.name)} runs ${named.model}, not the model that was asked for.`;
    return { param: "model", message, allowed: [named.model] };
  }
  const param = wish.deployment === undefined ? "model" : "deployment";
  const allowed = [...new Set(deployments.map(({ name, model }) => (param === "model" ? model : name)))];
  return { param, message: `${param} is not one that is deployed here: ${allowed.join(", ")}.`, allowed };
}

/** Each objection once; several models may share one. */
function objections(wish: Wish, offers: readonly Offer[]): Violation[] {
  const all = offers.flatMap(({ capability }) => checkWish(wish, capability));
  return [...new Map(all.map((violation) => [violation.message, violation])).values()];
}
