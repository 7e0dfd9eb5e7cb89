import * as z from "zod";
import {
  type DeploymentQuota,
  isV1Endpoint,
  type ResolvedDeployment,
  resolveDeployments,
} from "../domain/deployment.ts";
import type { ModelCapability, ServiceKind } from "../domain/model-catalogue.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { UpstreamSettings } from "../adapters/openai/image-models.ts";
import type { Settings } from "./settings.ts";

export type UpstreamDeployment = ResolvedDeployment & { upstream: UpstreamSettings };

const namePattern = /^[\w.-]{1,64}$/;
const nameRule = "must be 1 to 64 letters, digits or . _ -";

const deploymentSetting = z
  .strictObject({
    name: z.string().regex(namePattern, nameRule),
    model: z.string().min(1),
    endpoint: z.string(),
    deployment: z.string().min(1).optional(),
    api_version: z.string().min(1).optional(),
    api_key_setting: z.string().min(1).optional(),
    kind: z.enum(["azure", "openai"]).default("azure"),
    max_parallel: z.int().min(1).max(100).optional(),
    quota_pool: z.string().regex(namePattern, nameRule).optional(),
    requests_per_minute: z.int().min(1).max(100_000).optional(),
    images_per_minute: z.int().min(1).max(100_000).optional(),
    weight: z.number().min(0.01).max(100).optional(),
    priority: z.int().min(1).max(100).optional(),
  })
  .superRefine(({ endpoint, kind, api_key_setting }, context) => {
    const message = endpointProblem(endpoint, kind, api_key_setting !== undefined);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["endpoint"], message });
  });
type DeploymentSetting = z.infer<typeof deploymentSetting>;

// What each model answers to, where a deployment doesn't say; later versions take the same bodies.
const defaultApiVersions: Record<string, string> = {
  "dall-e-2": "2023-06-01-preview",
  "dall-e-3": "2024-02-01",
};
const defaultApiVersion = "2025-04-01-preview";

/** Every configured deployment, what its model can do there, and how to reach it. */
export function readDeployments(settings: Settings, catalogue: ModelCapability[]): UpstreamDeployment[] {
  const listed = settings.json("IMAGE_DEPLOYMENTS", z.array(deploymentSetting).min(1)) ?? shortForm(settings);
  if (listed.length === 0 && settings.get("IMAGE_DEPLOYMENTS") === undefined) {
    settings.problem(
      "IMAGE_DEPLOYMENTS is missing: a JSON array of deployments, or AZURE_OPENAI_ENDPOINT with at least one of DALLE2_API_VERSION, DALLE3_DEPLOYMENT, GPT_IMAGE_DEPLOYMENT.",
    );
  }
  const names = listed.map(({ name }) => name);
  for (const name of new Set(names.filter((candidate, index) => names.indexOf(candidate) !== index))) {
    settings.problem(`IMAGE_DEPLOYMENTS names ${name} twice.`);
  }
  const quotas = readQuotas(settings, listed);
  const upstreams = new Map(listed.map((setting) => [setting.name, readUpstream(settings, setting)]));
  const deployments = listed.map((setting) => {
    const { name, model, kind, weight, priority } = setting;
    const quota = quotas.get(poolOf(setting));
    return withoutAbsent({ name, model, kind, weight, priority, maxParallel: quota?.limits.parallel, quota });
  });
  return resolveDeployments(deployments, catalogue).flatMap((offer) => {
    const upstream = upstreams.get(offer.deployment.name);
    return upstream ? [{ ...offer, upstream }] : [];
  });
}

function poolOf({ quota_pool, name }: DeploymentSetting): string {
  return quota_pool ?? name;
}

/** Of each pool, by name, what it allows. A limit is said by any deployment of its pool, and by no two of them differently. */
function readQuotas(settings: Settings, listed: readonly DeploymentSetting[]): Map<string, DeploymentQuota> {
  const quotas = new Map<string, DeploymentQuota>();
  for (const [pool, members] of Map.groupBy(listed, poolOf)) {
    const limitOf = (setting: "requests_per_minute" | "images_per_minute" | "max_parallel") => {
      const [count, other] = new Set(
        members.map((member) => member[setting]).filter((value) => value !== undefined),
      );
      if (other !== undefined)
        settings.problem(`IMAGE_DEPLOYMENTS: quota pool ${pool} has two different ${setting}.`);
      return count;
    };
    const perMinute = (count: number | undefined) =>
      count === undefined ? undefined : { count, windowMs: 60_000 };
    const limits = withoutAbsent({
      requests: perMinute(limitOf("requests_per_minute")),
      images: perMinute(limitOf("images_per_minute")),
      parallel: limitOf("max_parallel"),
    });
    quotas.set(pool, { pool, limits });
  }
  return quotas;
}

function readUpstream(settings: Settings, setting: DeploymentSetting): UpstreamSettings {
  const isAzure = setting.kind === "azure";
  const apiKey = setting.api_key_setting === undefined ? undefined : settings.get(setting.api_key_setting);
  if (setting.api_key_setting !== undefined && apiKey === undefined) {
    // Only what looks like a setting's name is repeated: some write the key itself here.
    settings.problem(
      /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(setting.api_key_setting)
        ? `${setting.api_key_setting} is missing: deployment ${setting.name} names it as the setting that holds its key.`
        : `IMAGE_DEPLOYMENTS: deployment ${setting.name} has an api_key_setting that names no setting.`,
    );
  }
  return withoutAbsent({
    endpoint: setting.endpoint,
    upstreamName: setting.deployment ?? (isAzure ? setting.name : setting.model),
    apiVersion: isAzure
      ? (setting.api_version ?? defaultApiVersions[setting.model] ?? defaultApiVersion)
      : undefined,
    apiKey,
  });
}

/** One Azure resource and its deployments, each in a setting of its own. */
function shortForm(settings: Settings): DeploymentSetting[] {
  const endpoint = settings.get("AZURE_OPENAI_ENDPOINT");
  if (endpoint === undefined) return [];
  const wrong = endpointProblem(endpoint, "azure", true);
  if (wrong !== undefined) settings.problem(`AZURE_OPENAI_ENDPOINT ${wrong}.`);
  const key = settings.get("AZURE_OPENAI_API_KEY") === undefined ? undefined : "AZURE_OPENAI_API_KEY";
  const place = (name: string, model: string, api_version?: string): DeploymentSetting =>
    withoutAbsent({ name, model, endpoint, kind: "azure" as const, api_key_setting: key, api_version });
  const dalle2 = settings.get("DALLE2_API_VERSION");
  const dalle3 = settings.get("DALLE3_DEPLOYMENT");
  const gptImage = settings.get("GPT_IMAGE_DEPLOYMENT");
  for (const [name, value] of Object.entries({ DALLE3_DEPLOYMENT: dalle3, GPT_IMAGE_DEPLOYMENT: gptImage })) {
    if (value !== undefined && !namePattern.test(value)) settings.problem(`${name} ${nameRule}.`);
  }
  return [
    ...(dalle2 === undefined ? [] : [place("dall-e-2", "dall-e-2", dalle2)]),
    ...(dalle3 === undefined ? [] : [place(dalle3, "dall-e-3")]),
    ...(gptImage === undefined ? [] : [place(gptImage, "gpt-image-1")]),
  ];
}

// Where Azure itself answers for a resource; gateways have hosts of their own, and paths as they like.
const resourceHost = /\.(openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)$/;
const whatToWrite =
  "write the resource's own address, such as https://NAME.openai.azure.com, or that and /openai/v1; the deployment's name belongs in deployment, the version in api_version";

/** What is wrong with the address of a service, or undefined. A key must not travel in clear, nor to a stranger. */
function endpointProblem(text: string, kind: ServiceKind, hasKey: boolean): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    return "must be an address such as https://NAME.openai.azure.com";
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback) return "must be https: a key would travel in clear";
  const path = url.pathname.replace(/\/+$/, "");
  const isAzure = resourceHost.test(url.hostname);
  if (isAzure && /^\/api\/projects(\/|$)/i.test(path)) {
    return `is the address of a Foundry project, which serves no images: ${whatToWrite}`;
  }
  if (kind === "azure" && /\/openai(\/|$)/.test(path) && !isV1Endpoint(text)) {
    return `must end before /openai: ${whatToWrite}`;
  }
  if (url.search !== "" || url.hash !== "") return "must be an address without query or fragment";
  if (isAzure && path !== "/openai/v1" && (path !== "" || kind === "openai")) {
    return `has no path that a service of kind ${kind} answers at: ${whatToWrite}`;
  }
  if (kind === "openai" && !hasKey && !isLoopback && !url.hostname.endsWith(".azure.com")) {
    return "needs an api_key_setting: a token of Entra ID must not go to a service outside Azure";
  }
  return undefined;
}
