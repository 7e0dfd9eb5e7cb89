import * as z from "zod";
import { type Offer, offersOf } from "./domain/deployment.ts";
import { knownModels, type ModelCapability } from "./domain/model-catalogue.ts";
import { withoutAbsent } from "./domain/without-absent.ts";
import type { UpstreamSettings } from "./openai/image-models.ts";
import { type Environment, Settings } from "./settings.ts";

/** Settings, read once at start. This is the only file that reads the environment. */
export interface Config {
  offers: (Offer & { upstream: UpstreamSettings })[];
  /** A connection string, or the addresses of both services for use with an identity. */
  storage: { connectionString: string } | { blobServiceUri: string; tableServiceUri: string };
  apiKeys: ReadonlyMap<string, string>;
  trustsEntraHeader: boolean;
  signingKey: string;
  linkTtlHours: number;
  jobDeadlineSeconds: number;
  logPrompts: boolean;
  tokenScope: string;
}

const namePattern = /^[\w.-]{1,64}$/;
const nameRule = "must be 1 to 64 letters, digits or . _ -";

const deploymentSetting = z.strictObject({
  name: z.string().regex(namePattern, nameRule),
  model: z.string().min(1),
  endpoint: z.url({ protocol: /^https?$/ }),
  deployment: z.string().min(1).optional(),
  api_version: z.string().min(1).optional(),
  api_key_setting: z.string().min(1).optional(),
  kind: z.enum(["azure", "openai"]).default("azure"),
  max_parallel: z.int().min(1).max(100).optional(),
});
type DeploymentSetting = z.infer<typeof deploymentSetting>;

const capabilitySetting = z.strictObject({
  model: z.string().min(1),
  protocol: z.enum(["submit-poll", "one-per-call", "many-per-call"]),
  promptLimit: z.int().min(1).max(32_000),
  imagesPerJob: z.int().min(1).max(10),
  imagesPerCall: z.int().min(1).max(10),
  sizes: z.array(z.string()).min(1),
  qualities: z.array(z.string()).optional(),
  styles: z.array(z.string()).optional(),
  responseFormats: z.array(z.string()).optional(),
  backgrounds: z.array(z.string()).optional(),
  moderations: z.array(z.string()).optional(),
  outputFormats: z.array(z.string()).optional(),
  defaults: z.strictObject({
    size: z.string(),
    quality: z.string().optional(),
    style: z.string().optional(),
    outputFormat: z.string().optional(),
  }),
  edits: z.boolean().default(false),
  streaming: z.boolean().default(false),
});

// What each model answers to, where a deployment doesn't say; later versions take the same bodies.
const usualApiVersions: Record<string, string> = {
  "dall-e-2": "2023-06-01-preview",
  "dall-e-3": "2024-02-01",
};
const usualApiVersion = "2025-04-01-preview";

/** Throws a ConfigurationError that names every problem. */
export function readConfig(environment: Environment = process.env): Config {
  const settings = new Settings(environment);
  const catalogue = [...readModels(settings), ...knownModels];
  const listed = settings.json("IMAGE_DEPLOYMENTS", z.array(deploymentSetting).min(1)) ?? shortForm(settings);
  if (listed.length === 0 && settings.get("IMAGE_DEPLOYMENTS") === undefined) {
    settings.problem(
      "IMAGE_DEPLOYMENTS is missing: a JSON array of deployments, or AZURE_OPENAI_ENDPOINT with at least one of DALLE2_API_VERSION, DALLE3_DEPLOYMENT, GPT_IMAGE_DEPLOYMENT.",
    );
  }
  const trustsEntraHeader = settings.get("WEBSITE_AUTH_ENABLED")?.toLowerCase() === "true";
  const config: Config = {
    offers: readOffers(settings, listed, catalogue),
    storage: readStorage(settings),
    apiKeys: readApiKeys(settings, trustsEntraHeader),
    trustsEntraHeader,
    signingKey: settings.text("SIGNING_KEY", {
      minimum: 32,
      what: "a random text that signs result addresses",
    }),
    linkTtlHours: settings.number("LINK_TTL_HOURS", { usual: 24, minimum: 1 / 3600, maximum: 168 }),
    jobDeadlineSeconds: settings.number("JOB_DEADLINE_SECONDS", {
      usual: 1_800,
      minimum: 1,
      maximum: 86_400,
    }),
    logPrompts: settings.boolean("LOG_PROMPTS", false),
    tokenScope: settings.get("AZURE_OPENAI_SCOPE") ?? "https://ai.azure.com/.default",
  };
  settings.text("AzureWebJobsStorage", {
    minimum: 1,
    what: "the connection of the Functions host",
    orPrefix: "AzureWebJobsStorage__",
  });
  settings.throwIfAny();
  return Object.freeze(config);
}

function readModels(settings: Settings): ModelCapability[] {
  const listed = settings.json("IMAGE_MODELS", z.array(capabilitySetting)) ?? [];
  for (const [position, { defaults, sizes, qualities, styles, outputFormats }] of listed.entries()) {
    const lists = { size: sizes, quality: qualities, style: styles, outputFormat: outputFormats };
    for (const [name, value] of Object.entries(defaults)) {
      const allowed = lists[name as keyof typeof lists] ?? [];
      if (value !== undefined && !allowed.includes(value))
        settings.problem(`IMAGE_MODELS.${position}.defaults.${name} is not one of the model's own values.`);
    }
  }
  return listed.map((model) => ({
    ...withoutAbsent(model),
    defaults: withoutAbsent(model.defaults),
    described: true,
  }));
}

function readOffers(
  settings: Settings,
  listed: DeploymentSetting[],
  catalogue: ModelCapability[],
): Config["offers"] {
  const names = listed.map(({ name }) => name);
  for (const name of new Set(names.filter((candidate, index) => names.indexOf(candidate) !== index))) {
    settings.problem(`IMAGE_DEPLOYMENTS names ${name} twice.`);
  }
  const upstreams = new Map(listed.map((setting) => [setting.name, readUpstream(settings, setting)]));
  const deployments = listed.map((setting) =>
    withoutAbsent({
      name: setting.name,
      model: setting.model,
      kind: setting.kind,
      maxParallel: setting.max_parallel,
    }),
  );
  return offersOf(deployments, catalogue).flatMap((offer) => {
    const upstream = upstreams.get(offer.deployment.name);
    return upstream ? [{ ...offer, upstream }] : [];
  });
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
      ? (setting.api_version ?? usualApiVersions[setting.model] ?? usualApiVersion)
      : undefined,
    apiKey,
  });
}

/** One Azure resource and its deployments, each in a setting of its own. */
function shortForm(settings: Settings): DeploymentSetting[] {
  const endpoint = settings.get("AZURE_OPENAI_ENDPOINT");
  if (endpoint === undefined) return [];
  if (!z.url({ protocol: /^https?$/ }).safeParse(endpoint).success) {
    settings.problem("AZURE_OPENAI_ENDPOINT must be an address such as https://NAME.openai.azure.com.");
  }
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

function readStorage(settings: Settings): Config["storage"] {
  const connectionString = settings.get("IMAGES_STORAGE");
  if (connectionString !== undefined) {
    // A link is signed with the account's key: a connection by shared access signature could not make one.
    const hasKey = [/(^|;)AccountName=[^;]/i, /(^|;)AccountKey=[^;]/i].every((part) =>
      part.test(connectionString),
    );
    if (!hasKey && !/(^|;)UseDevelopmentStorage=true/i.test(connectionString)) {
      settings.problem("IMAGES_STORAGE must be a storage connection string with AccountName and AccountKey.");
    }
    return { connectionString };
  }
  const blobServiceUri = settings.get("IMAGES_STORAGE__blobServiceUri");
  const tableServiceUri = settings.get("IMAGES_STORAGE__tableServiceUri");
  if (blobServiceUri === undefined || tableServiceUri === undefined) {
    settings.problem(
      "IMAGES_STORAGE is missing: a connection string, or IMAGES_STORAGE__blobServiceUri and IMAGES_STORAGE__tableServiceUri for use with an identity.",
    );
  }
  const addresses = { blobServiceUri: blobServiceUri ?? "", tableServiceUri: tableServiceUri ?? "" };
  for (const [name, value] of Object.entries(addresses)) {
    if (value !== "" && !z.url({ protocol: /^https$/ }).safeParse(value).success)
      settings.problem(`IMAGES_STORAGE__${name} must be an https address.`);
  }
  return addresses;
}

const hashOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Problems tell an entry by its place: whoever wrote key and caller the wrong way round would find the key in a log. */
function readApiKeys(settings: Settings, trustsEntraHeader: boolean): Map<string, string> {
  const entries = settings.json("API_KEYS", z.record(z.string(), z.unknown()));
  const keys = new Map<string, string>();
  for (const [position, [caller, hash]] of Object.entries(entries ?? {}).entries()) {
    const entry = `API_KEYS, entry ${position + 1},`;
    if (caller === "" || caller.length > 128)
      settings.problem(`${entry} needs a caller id of 1 to 128 characters.`);
    else if (typeof hash !== "string" || !/^[0-9a-f]{64}$/i.test(hash))
      settings.problem(`${entry} must be the SHA-256 of a key: 64 hex digits.`);
    else if (hash.toLowerCase() === hashOfNothing)
      settings.problem(`${entry} is the SHA-256 of nothing, not of a key.`);
    else keys.set(caller, hash);
  }
  if (!trustsEntraHeader && settings.get("API_KEYS") === undefined) {
    settings.problem(
      'API_KEYS is missing: a JSON object of caller id to the SHA-256 (hex) of the caller\'s key, e.g. {"phone-app": "9f86d0…"}.',
    );
  }
  if (!trustsEntraHeader && entries && Object.keys(entries).length === 0)
    settings.problem("API_KEYS names no caller: nobody could use the app.");
  return keys;
}
