import { AzureOpenAI, OpenAI } from "openai";
import type { Offer } from "../domain/deployment.ts";
import { Fault } from "../domain/fault.ts";
import type { ServiceKind } from "../domain/model-catalogue.ts";
import type { Clock, ImageModel, ImageModels } from "../ports.ts";
import { openAiImageModel } from "./image-model.ts";

/** What it takes to reach a deployment. Without `apiKey`, Entra ID is used. */
export interface UpstreamSettings {
  endpoint: string;
  upstreamName: string;
  apiVersion?: string;
  apiKey?: string;
}

export interface UpstreamOptions {
  offers: readonly (Offer & { upstream: UpstreamSettings })[];
  clock: Clock;
  /** Makes an access token for the service; called for each request, expected to cache. */
  accessToken: () => Promise<string>;
}

/** All configured deployments. Clients are made when first needed and kept, with their connections. */
export function openAiImageModels({ offers, clock, accessToken }: UpstreamOptions): ImageModels {
  const made = new Map<string, ImageModel>();
  return {
    at(name) {
      const offer = offers.find(({ deployment }) => deployment.name === name);
      if (!offer) throw new Fault("internal", `deployment ${name} is no longer configured`);
      const { capability, deployment, upstream } = offer;
      const known = made.get(name);
      if (known) return known;
      const client = makeClient(deployment.kind, upstream, accessToken);
      const model = openAiImageModel({ client, upstreamName: upstream.upstreamName, capability, clock });
      made.set(name, model);
      return model;
    },
  };
}

function makeClient(
  kind: ServiceKind,
  settings: UpstreamSettings,
  accessToken: () => Promise<string>,
): OpenAI {
  // The client's own log would print request bodies, prompts included, when OPENAI_LOG is set.
  const quiet = { maxRetries: 0, logLevel: "off" } as const;
  const { endpoint, apiKey, apiVersion } = settings;
  if (kind === "openai") return new OpenAI({ ...quiet, baseURL: endpoint, apiKey: apiKey ?? accessToken });
  const credential = apiKey === undefined ? { azureADTokenProvider: accessToken } : { apiKey };
  return new AzureOpenAI({
    ...quiet,
    ...credential,
    endpoint,
    ...(apiVersion !== undefined && { apiVersion }),
  });
}
