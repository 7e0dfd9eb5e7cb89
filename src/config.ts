import * as z from "zod";
import { type Offer, offersOf } from "./domain/deployment.ts";
import { knownModels, type ModelCapability } from "./domain/model-catalogue.ts";
import { withoutAbsent } from "./domain/without-absent.ts";
import type { UpstreamSettings } from "./openai/image-models.ts";

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

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting that is missing or malformed, in one list: nobody should have to restart once for each. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `Darkroom can't start; ${problems.length} setting(s) to mend:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

const deploymentSetting = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits or . _ -"),
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
  const config: Config = {
    offers: readOffers(settings, listed, catalogue),
    storage: readStorage(settings),
    apiKeys: readApiKeys(settings),
    trustsEntraHeader: settings.get("WEBSITE_AUTH_ENABLED")?.toLowerCase() === "true",
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
  if (config.apiKeys.size === 0 && !config.trustsEntraHeader && settings.get("API_KEYS") === undefined) {
    settings.problem(
      'API_KEYS is missing: a JSON object of caller id to the SHA-256 (hex) of the caller\'s key, e.g. {"phone-app": "9f86d0…"}.',
    );
  }
  settings.throwIfAny();
  return Object.freeze(config);
}

function readModels(settings: Settings): ModelCapability[] {
  const listed = settings.json("IMAGE_MODELS", z.array(capabilitySetting)) ?? [];
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
    settings.problem(
      `${setting.api_key_setting} is missing: deployment ${setting.name} names it as the setting that holds its key.`,
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
  return [
    ...(dalle2 === undefined ? [] : [place("dall-e-2", "dall-e-2", dalle2)]),
    ...(dalle3 === undefined ? [] : [place(dalle3, "dall-e-3")]),
    ...(gptImage === undefined ? [] : [place(gptImage, "gpt-image-1")]),
  ];
}

function readStorage(settings: Settings): Config["storage"] {
  const connectionString = settings.get("IMAGES_STORAGE");
  if (connectionString !== undefined) {
    if (!/(AccountName|UseDevelopmentStorage|BlobEndpoint)=/i.test(connectionString)) {
      settings.problem("IMAGES_STORAGE must be a storage connection string.");
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
  return { blobServiceUri: blobServiceUri ?? "", tableServiceUri: tableServiceUri ?? "" };
}

function readApiKeys(settings: Settings): Map<string, string> {
  const hash = z.string().regex(/^[0-9a-f]{64}$/i, "must be the SHA-256 of a key: 64 hex digits");
  return new Map(Object.entries(settings.json("API_KEYS", z.record(z.string().min(1).max(128), hash)) ?? {}));
}

/** Reads single settings and collects what is wrong with them. Values are never repeated: they may be secrets. */
class Settings {
  readonly #environment: Environment;
  readonly #problems: string[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get(name: string): string | undefined {
    const value = this.#environment[name]?.trim();
    return value === "" ? undefined : value;
  }

  text(
    name: string,
    { minimum, what, orPrefix }: { minimum: number; what: string; orPrefix?: string },
  ): string {
    const value = this.get(name);
    const hasParts =
      orPrefix !== undefined && Object.keys(this.#environment).some((key) => key.startsWith(orPrefix));
    if (value === undefined && !hasParts) this.problem(`${name} is missing: ${what}.`);
    if (value !== undefined && value.length < minimum)
      this.problem(`${name} must have at least ${minimum} characters.`);
    return value ?? "";
  }

  number(
    name: string,
    { usual, minimum, maximum }: { usual: number; minimum: number; maximum: number },
  ): number {
    const text = this.get(name);
    if (text === undefined) return usual;
    const value = Number(text);
    if (value >= minimum && value <= maximum) return value;
    this.problem(`${name} must be a number from ${minimum < 1 ? "above 0" : minimum} to ${maximum}.`);
    return usual;
  }

  boolean(name: string, usual: boolean): boolean {
    const text = this.get(name)?.toLowerCase();
    if (text === undefined) return usual;
    if (text !== "true" && text !== "false") this.problem(`${name} must be true or false.`);
    return text === "true";
  }

  json<T>(name: string, schema: z.ZodType<T>): T | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.problem(`${name} is not valid JSON.`);
      return undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues)
      this.problem(`${[name, ...issue.path].join(".")}: ${issue.message}.`);
    return undefined;
  }

  problem(text: string): void {
    this.#problems.push(text);
  }

  throwIfAny(): void {
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems);
  }
}
