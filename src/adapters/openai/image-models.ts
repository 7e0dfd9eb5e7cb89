import { AzureOpenAI, OpenAI } from "openai";
import type { Dispatcher } from "undici";
import { isV1Endpoint, type ResolvedDeployment } from "../../domain/deployment.ts";
import { AppError, UpstreamError } from "../../domain/app-error.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FetchReply, ImageModel, ImageModels } from "../../ports/image-model.ts";
import { openAiImageModel } from "./image-model.ts";
import { fetchUncopied, longAgent } from "./long-fetch.ts";

/** What it takes to reach a deployment. Without `apiKey`, Entra ID is used. */
export interface UpstreamSettings {
  endpoint: string;
  upstreamName: string;
  apiVersion?: string;
  apiKey?: string;
}

type UpstreamDeployment = ResolvedDeployment & { upstream: UpstreamSettings };

/** Fetches one link of a service's answer, once; `endpoint` is the deployment's, whose origin is trusted. */
export type FetchLink = (link: string, endpoint: string, signal: AbortSignal) => Promise<FetchReply>;

export interface UpstreamOptions {
  offers: readonly UpstreamDeployment[];
  clock: Clock;
  /** Makes an access token for the service; called for each request, expected to cache. */
  accessToken: () => Promise<string>;
  fetchLink: FetchLink;
  /** How requests travel. It must leave it to the caller's signal to end a call. */
  dispatcher?: Dispatcher;
}

// A day, above every deadline of ours: the client takes no "never".
const clientTimeoutMs = 24 * 3_600_000;

/** All configured deployments. Clients are made when first needed and kept, with their connections. */
export function openAiImageModels({
  offers,
  clock,
  accessToken,
  fetchLink,
  dispatcher,
}: UpstreamOptions): ImageModels {
  const made = new Map<string, ImageModel>();
  // Made with the first call: undici is much of a start, which most instances need not wait for.
  let agent = dispatcher;
  return {
    at(name) {
      const offer = offers.find(({ deployment }) => deployment.name === name);
      if (!offer) throw new AppError("internal", `deployment ${name} is no longer configured`);
      const known = made.get(name);
      if (known) return known;
      const { capability, upstream } = offer;
      const model = openAiImageModel({
        client: makeClient(offer, accessToken, (agent ??= longAgent())),
        // On the deployments path, any other name than the model's own is refused: the path says it all.
        ...(isDated(offer) ? {} : { modelName: upstream.upstreamName }),
        capability,
        clock,
        fetchLink: (link, signal) => fetchLink(link, upstream.endpoint, signal),
      });
      made.set(name, model);
      return model;
    },
  };
}

/**
 * Azure's API by dates has an address for each deployment, and DALL-E 2's operations, which v1 lacks. That and OpenAI's
 * dialect name the deployment in the body.
 */
function isDated({ deployment, capability, upstream }: UpstreamDeployment): boolean {
  if (deployment.kind !== "azure") return false;
  return capability.protocol === "submit-poll" || !isV1Endpoint(upstream.endpoint);
}

/**
 * Every option that the client would else take from the environment is given: OPENAI_BASE_URL, OPENAI_ORG_ID and their
 * kind are settings of other programs, and would break or redirect this one.
 */
function makeClient(
  offer: UpstreamDeployment,
  accessToken: () => Promise<string>,
  dispatcher: Dispatcher,
): OpenAI {
  const { endpoint, apiKey, apiVersion, upstreamName } = offer.upstream;
  const common = {
    // Retries live in the orchestration.
    maxRetries: 0,
    timeout: clientTimeoutMs,
    fetch: fetchUncopied,
    fetchOptions: { dispatcher },
    // Its log would print request bodies, prompts included.
    logLevel: "off",
    organization: null,
    project: null,
  } as const;
  const address = endpoint.replace(/\/+$/, "");
  const token = () =>
    accessToken().catch((cause: unknown) => {
      throw new UpstreamError("no access token could be had for the service", { mayBeBilled: false, cause });
    });
  if (!isDated(offer)) return new OpenAI({ ...common, baseURL: address, apiKey: apiKey ?? token });
  // DALL-E 2's operations belong to the resource, not to a deployment.
  const isOfResource = offer.capability.protocol === "submit-poll";
  const path = isOfResource ? "" : `/deployments/${encodeURIComponent(upstreamName)}`;
  return new AzureOpenAI({
    ...common,
    baseURL: `${address.replace(/\/openai\/v1$/, "")}/openai${path}`,
    apiVersion: apiVersion ?? "",
    ...(apiKey === undefined ? { apiKey: "", azureADTokenProvider: token } : { apiKey }),
  });
}
