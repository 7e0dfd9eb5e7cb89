import { AzureOpenAI, OpenAI } from "openai";
import type { Offer } from "../domain/deployment.ts";
import { Fault, UpstreamFault } from "../domain/fault.ts";
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

/**
 * Every option that the client would else take from the environment is given: OPENAI_BASE_URL, OPENAI_ORG_ID and their
 * kind are settings of other programs, and would break or redirect this one.
 */
function makeClient(
  kind: ServiceKind,
  { endpoint, apiKey, apiVersion }: UpstreamSettings,
  accessToken: () => Promise<string>,
): OpenAI {
  const common = {
    // Retries live in the orchestration.
    maxRetries: 0,
    // Its log would print request bodies, prompts included.
    logLevel: "off",
    organization: null,
    project: null,
  } as const;
  const baseURL = endpoint.replace(/\/+$/, "");
  const token = () =>
    accessToken().catch((cause: unknown) => {
      throw new UpstreamFault("no access token could be had for the service", { mayBeBilled: false, cause });
    });
  if (kind === "openai") return new OpenAI({ ...common, baseURL, apiKey: apiKey ?? token });
  return new AzureOpenAI({
    ...common,
    baseURL: `${baseURL}/openai`,
    apiVersion: apiVersion ?? "",
    ...(apiKey === undefined ? { apiKey: "", azureADTokenProvider: token } : { apiKey }),
  });
}
