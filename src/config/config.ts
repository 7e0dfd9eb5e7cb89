import * as z from "zod";
import { readDeployments, type UpstreamDeployment } from "./deployment-settings.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { knownModels } from "../domain/model-catalogue.ts";
import { readCallerLimits } from "./caller-settings.ts";
import { readAliases } from "./model-alias-settings.ts";
import { readPrices } from "./price-settings.ts";
import type { CallerLimits } from "../domain/quota/account.ts";
import type { Price } from "../domain/quota/prices.ts";
import { readModels } from "./model-settings.ts";
import { type Environment, Settings } from "./settings.ts";
import { readTelemetry } from "./telemetry-settings.ts";
import type { TelemetrySettings } from "../adapters/telemetry/start.ts";
import { readWebhookSecrets } from "./webhook-settings.ts";

/** Settings, read once at start. This is the only file that reads the environment. */
export interface Config {
  offers: UpstreamDeployment[];
  /** Under retired names: what stands in for them. */
  aliases: ResolvedDeployment[];
  /** A connection string, or the addresses of both services for use with an identity. */
  storage: { connectionString: string } | { blobServiceUri: string; tableServiceUri: string };
  apiKeys: ReadonlyMap<string, string>;
  trustsEntraHeader: boolean;
  /** Who is an operator from the first start on: an entry of API_KEYS, or `entra:TENANT:USER`. */
  operatorCaller: string | undefined;
  signingKey: string;
  linkTtlHours: number;
  jobDeadlineSeconds: number;
  queueDeadlineSeconds: number;
  prices: Price[];
  /** By caller id, as in API_KEYS; `*` stands for each that isn't named. */
  callerLimits: ReadonlyMap<string, CallerLimits>;
  retentionDays: number;
  logPrompts: boolean;
  /** Who owns what comes by the inbox: an entry of API_KEYS, or nobody who could call. */
  inboxCaller: string;
  tokenScope: string;
  /** Where callers reach the app, if not where requests say: no slash at its end. */
  publicOrigin: string | undefined;
  /** Origins that callers' addresses may lead to although they aren't public https. */
  urlAllowlist: readonly string[];
  /** Origins whose pages may call from a browser, beside the app's own. */
  corsOrigins: readonly string[];
  /** Where callers reach blobs, if not at the account's own address: an origin. */
  linkOrigin: string | undefined;
  /** Caller id of API_KEYS, or a sign-in's caller, to the one or two secrets that sign the webhooks of its jobs. */
  webhookSecrets: ReadonlyMap<string, readonly string[]>;
  /** Undefined when nobody is told what Darkroom does. */
  telemetry: TelemetrySettings | undefined;
}

/** Throws a ConfigurationError that names every problem. */
export function readConfig(environment: Environment = process.env): Config {
  const settings = new Settings(environment);
  const inboxCaller = settings.get("EDIT_INBOX_CALLER") ?? "edit-inbox";
  const trustsEntraHeader = settings.get("WEBSITE_AUTH_ENABLED")?.toLowerCase() === "true";
  const apiKeys = readApiKeys(settings, trustsEntraHeader);
  const offers = readDeployments(settings, [...readModels(settings), ...knownModels]);
  const models = offers.map(({ deployment }) => deployment.model);
  const prices = readPrices(settings, models);
  const config: Config = {
    offers,
    aliases: readAliases(settings, offers),
    storage: readStorage(settings),
    apiKeys,
    trustsEntraHeader,
    operatorCaller: readOperator(settings, apiKeys),
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
    prices,
    callerLimits: readCallerLimits(settings, prices, models),
    queueDeadlineSeconds: settings.number("QUEUE_DEADLINE_SECONDS", {
      usual: 1_800,
      minimum: 1,
      maximum: 86_400,
    }),
    retentionDays: settings.number("RETENTION_DAYS", { usual: 30, minimum: 1, maximum: 3_650 }),
    logPrompts: settings.boolean("LOG_PROMPTS", false),
    inboxCaller,
    tokenScope: settings.get("AZURE_OPENAI_SCOPE") ?? "https://ai.azure.com/.default",
    publicOrigin: readPublicOrigin(settings),
    urlAllowlist: readOrigins(settings, "URL_ALLOWLIST"),
    corsOrigins: readOrigins(settings, "CORS_ORIGINS"),
    linkOrigin: readLinkOrigin(settings),
    webhookSecrets: readWebhookSecrets(settings, [...apiKeys.keys(), inboxCaller]),
    telemetry: readTelemetry(settings),
  };
  settings.text("AzureWebJobsStorage", {
    minimum: 1,
    what: "the connection of the Functions host",
    orPrefix: "AzureWebJobsStorage__",
  });
  settings.throwIfAny();
  return Object.freeze(config);
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
  // Read by the host: what drops out of the inbox waits in a queue.
  const queueServiceUri = settings.get("IMAGES_STORAGE__queueServiceUri");
  if ([blobServiceUri, tableServiceUri, queueServiceUri].includes(undefined)) {
    settings.problem(
      "IMAGES_STORAGE is missing: a connection string, or IMAGES_STORAGE__blobServiceUri, IMAGES_STORAGE__tableServiceUri and IMAGES_STORAGE__queueServiceUri for use with an identity.",
    );
  }
  const addresses = { blobServiceUri: blobServiceUri ?? "", tableServiceUri: tableServiceUri ?? "" };
  for (const [name, value] of Object.entries({ ...addresses, queueServiceUri: queueServiceUri ?? "" })) {
    if (value !== "" && !z.url({ protocol: /^https$/ }).safeParse(value).success)
      settings.problem(`IMAGES_STORAGE__${name} must be an https address.`);
  }
  return addresses;
}

function readOperator(settings: Settings, apiKeys: ReadonlyMap<string, string>): string | undefined {
  const name = settings.get("OPERATOR_CALLER");
  if (name !== undefined && !name.startsWith("entra:") && !apiKeys.has(name))
    settings.problem("OPERATOR_CALLER must be a caller id of API_KEYS, or entra:TENANT:USER.");
  return name;
}

/** Kept as the URL standard spells origins, which is how addresses are compared with them. */
function readOrigins(settings: Settings, name: string): string[] {
  const entries = settings.get(name)?.split(",") ?? [];
  return entries.flatMap((entry, position) => {
    const origin = originOf(entry);
    if (origin !== undefined) return [origin];
    settings.problem(
      `${name}, entry ${position + 1}, must be an origin alone: scheme, host and port, such as https://pictures.example:8443.`,
    );
    return [];
  });
}

function readLinkOrigin(settings: Settings): string | undefined {
  const text = settings.get("LINK_ORIGIN");
  const origin = text === undefined ? undefined : originOf(text);
  if (text !== undefined && origin === undefined)
    settings.problem("LINK_ORIGIN must be an origin alone, such as https://pictures.example.");
  return origin;
}

function originOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : undefined;
}

/** An https address, or an http one of this machine; a gateway may publish the app under a path of its own. */
function readPublicOrigin(settings: Settings): string | undefined {
  const text = settings.get("PUBLIC_ORIGIN");
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback);
  // Nothing but origin and plain path: no credentials, query or fragment, and no path that the URL standard would rewrite.
  const path = url?.pathname.replace(/\/$/, "") ?? "";
  const isPlain = url?.href === `${url?.origin}${url?.pathname}` && /^(\/[\w.~-]+)*$/.test(path);
  if (url && isSafe && isPlain && !/[?#]/.test(text)) return `${url.origin}${path}`;
  settings.problem(
    "PUBLIC_ORIGIN must be the https address that callers use, such as https://images.example, with a path at most.",
  );
  return undefined;
}

const hashOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Problems tell an entry by its place: anyone who wrote key and caller the wrong way round would find the key in a log. */
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
