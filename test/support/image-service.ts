import { afterAll, beforeAll } from "vitest";
import { startSimulator, type Simulator } from "../../packages/azure-openai-simulator/src/simulator.ts";
import { resolveDeployments, type Deployment } from "../../src/domain/deployment.ts";
import { knownModels } from "../../src/domain/model-catalogue.ts";
import { openAiImageModels, type UpstreamSettings } from "../../src/adapters/openai/image-models.ts";
import { type GatheredReply, type GatheringModel, gatheringModel } from "./gathered-reply.ts";
import { linkFetcher } from "../../src/adapters/net/link-fetcher.ts";

export interface LedgerPart {
  name: string;
  file_name?: string;
  content_type: string;
  length: number;
  sha256: string;
}

export interface LedgerCall {
  route: string;
  path: string;
  model: string;
  status: number;
  images_billed: number;
  client_hung_up: boolean;
  parts?: LedgerPart[];
}

const apiVersions: Record<string, string> = {
  "dall-e-2": "2023-06-01-preview",
  "dall-e-3": "2024-02-01",
  "gpt-image-1": "2025-04-01-preview",
};
const deploymentNames: Record<string, string> = { "dall-e-3": "dalle3", "gpt-image-1": "gpt-image" };

const clock = { now: () => new Date() };
/** What an adapter of the service needs besides its deployments. */
export const upstreamParts = {
  clock,
  accessToken: () => Promise.resolve("eyJ0.eyJh.c2ln"),
  fetchLink: linkFetcher({ allowlist: [], clock }),
};

/** The signal of a call that nobody ends. */
export const never = new AbortController().signal;

/** A simulated image service of this test file's own, and the adapter that speaks to it. */
export function useSimulator() {
  let simulator: Simulator | undefined;
  beforeAll(async () => {
    simulator = await startSimulator({ settings: { latency_scale: 0.01 } });
  });
  afterAll(() => simulator?.close());
  const running = () => {
    if (!simulator) throw new Error("The simulator has not started.");
    return simulator;
  };
  return {
    url: () => running().url,
    modelAt: (
      model: string,
      change: Partial<Deployment> & Partial<UpstreamSettings> = {},
    ): GatheringModel => {
      const deployment: Deployment = { name: "here", model, kind: change.kind ?? "azure" };
      const upstream: UpstreamSettings = {
        endpoint: running().url,
        upstreamName: deploymentNames[model] ?? model,
        apiVersion: apiVersions[model] ?? "",
        apiKey: running().apiKey,
        ...change,
      };
      const offers = resolveDeployments([deployment], knownModels).map((offer) => ({ ...offer, upstream }));
      return gatheringModel(openAiImageModels({ offers, ...upstreamParts }).at("here"));
    },
    ledger: async (promptIncludes: string): Promise<LedgerCall[]> => {
      const query = `prompt_includes=${encodeURIComponent(promptIncludes)}`;
      const reply = await fetch(`${running().url}/simulator/ledger?${query}`);
      return ((await reply.json()) as { calls: LedgerCall[] }).calls;
    },
  };
}

export function imagesOf(reply: GatheredReply) {
  if (reply.kind !== "images") throw new Error(`a reply of kind ${reply.kind}`);
  return reply.items;
}
