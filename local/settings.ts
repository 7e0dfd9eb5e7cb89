import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Settings by name. */
export type Settings = Record<string, string>;

/** A secret that is made once for each data folder, so that keys and signed addresses survive a restart. */
export async function keptSecret(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept !== "") return kept;
  const fresh = randomBytes(24).toString("base64url");
  await writeFile(file, fresh, { mode: 0o600 });
  return fresh;
}

/** A secret for signing webhooks, in the form of Standard Webhooks: whsec_ and base64. */
export function webhookSecretOf(secret: string): string {
  return `whsec_${secret.replaceAll("-", "+").replaceAll("_", "/")}`;
}

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Those variables of the environment that are settings of ours: they win over the file. */
export function environmentSettings(environment: NodeJS.ProcessEnv): Settings {
  const names =
    /^(AzureWebJobs.*|IMAGES_STORAGE.*|IMAGE_(DEPLOYMENTS|MODELS)|MODEL_ALIASES|AZURE_OPENAI_.*|DALLE[23]_.*|GPT_IMAGE_DEPLOYMENT|API_KEYS|SIGNING_KEY|LINK_TTL_HOURS|JOB_DEADLINE_SECONDS|QUEUE_DEADLINE_SECONDS|PRICES|CALLER_LIMITS|RETENTION_DAYS|LOG_PROMPTS|URL_ALLOWLIST|PUBLIC_ORIGIN|LINK_ORIGIN|CORS_ORIGINS|WEBHOOK_SECRETS|EDIT_INBOX_CALLER|OPERATOR_CALLER|APPLICATIONINSIGHTS_.*|OTEL_EXPORTER_OTLP_ENDPOINT|languageWorkers__node__arguments)$/;
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value && names.test(name) ? [[name, value]] : [],
    ),
  );
}

/** Names what the host starts its Node worker with (HOST languageWorkers, configuration section of each worker). */
const workerArgumentsName = "languageWorkers__node__arguments";

/**
 * The function library's own server takes as much in headers as the host does before it (32 KB), and what is added on the
 * way: what passes one must pass the other. The same value stands in infra/modules/app.bicep.
 */
export const workerArguments: Settings = { [workerArgumentsName]: "--max-http-header-size=65536" };

/** What the process that runs the app is started with. */
export function nodeOptionsOf(settings: NodeJS.ProcessEnv): string[] {
  return (settings[workerArgumentsName] ?? "").split(" ").filter(Boolean);
}
