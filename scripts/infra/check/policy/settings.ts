import { sites } from "./app.ts";
import { at, type Around, type Rule } from "./rule.ts";

/** What Flex Consumption moved into functionAppConfig, ignores, or refuses. */
const notOnFlex = [
  "FUNCTIONS_WORKER_RUNTIME",
  "FUNCTIONS_WORKER_RUNTIME_VERSION",
  "FUNCTIONS_EXTENSION_VERSION",
  "FUNCTIONS_WORKER_PROCESS_COUNT",
  "FUNCTIONS_MAX_HTTP_CONCURRENCY",
  "WEBSITE_NODE_DEFAULT_VERSION",
  "WEBSITE_RUN_FROM_PACKAGE",
  "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
  "WEBSITE_CONTENTSHARE",
  "WEBSITE_CONTENTOVERVNET",
  "WEBSITE_VNET_ROUTE_ALL",
  "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT",
  "WEBSITE_SKIP_CONTENTSHARE_VALIDATION",
  "SCM_DO_BUILD_DURING_DEPLOYMENT",
  "ENABLE_ORYX_BUILD",
  "APPINSIGHTS_INSTRUMENTATIONKEY",
];

/** Settings of the platform and the host, which the app itself does not read. */
const platform = [
  /^AzureWebJobsStorage__(accountName|credential|clientId|blobServiceUri|queueServiceUri|tableServiceUri)$/,
  /^IMAGES_STORAGE__(blobServiceUri|queueServiceUri|tableServiceUri|credential|clientId)$/,
  /^AzureFunctionsJobHost__/,
  /^AzureWebJobsDisableHomepage$/,
  /^languageWorkers__node__arguments$/,
  /^APPLICATIONINSIGHTS_(CONNECTION_STRING|AUTHENTICATION_STRING)$/,
  /^OTEL_/,
  /^AZURE_CLIENT_ID$/,
  /^DURABLE_TASK_SCHEDULER_CONNECTION_STRING$/,
];

const required = [
  "AzureWebJobsStorage__credential",
  "AzureWebJobsStorage__clientId",
  "IMAGES_STORAGE__blobServiceUri",
  "IMAGES_STORAGE__queueServiceUri",
  "IMAGES_STORAGE__tableServiceUri",
  "IMAGES_STORAGE__credential",
  "IMAGES_STORAGE__clientId",
  "AZURE_CLIENT_ID",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "API_KEYS",
  "SIGNING_KEY",
  "WEBHOOK_SECRETS",
  "IMAGE_DEPLOYMENTS",
  "RETENTION_DAYS",
];

const secrets = { SIGNING_KEY: "signing-key", API_KEYS: "api-keys", WEBHOOK_SECRETS: "webhook-secrets" };
const secretLooks =
  /AccountKey=|SharedAccess(Key|Signature)|[?&]sig=|whsec_|list(Account)?Keys|-----BEGIN|Password=/i;

function sampleOf(around: Around): object {
  const sample = JSON.parse(around.tree.get("local.settings.sample.json") ?? "{}") as { Values?: object };
  return sample.Values ?? {};
}

/** Names of the settings that are neither the platform's nor refused by it. */
function ownOf(settings: Record<string, string>): string[] {
  return Object.keys(settings).filter(
    (name) => !notOnFlex.includes(name) && !platform.some((known) => known.test(name)),
  );
}

export const settingsRules: Rule[] = [
  {
    name: "flex-settings",
    why: "On Flex Consumption they are ignored at best, and stop the deployment at worst.",
    source: "Azure Functions, app settings: Flex Consumption deprecations",
    check: (around) =>
      sites(around, (call, settings) =>
        notOnFlex
          .filter((name) => settings[name] !== undefined)
          .map((name) => at(call, "configs", `${name} is no setting of Flex Consumption.`)),
      ),
  },
  {
    name: "settings-known",
    why: "A setting that nobody reads is a request that nobody grants, most often a misspelt one.",
    source: "local.settings.sample.json",
    check: (around) => {
      const sample = sampleOf(around);
      return sites(around, (call, settings) =>
        ownOf(settings)
          .filter((name) => !(name in sample))
          .map((name) => at(call, "configs", `Nobody reads a setting ${name}.`)),
      );
    },
  },
  {
    name: "settings-read",
    why: "The sample is what people go by; the code is what counts.",
    source: "src/**, by the names it reads",
    check: (around) => {
      const sample = sampleOf(around);
      const sources = [...around.tree].filter(([path]) => path.startsWith("src/")).map(([, text]) => text);
      return sites(around, (call, settings) =>
        ownOf(settings)
          .filter((name) => name in sample)
          .filter((name) => !sources.some((text) => text.includes(`"${name}"`)))
          .map((name) => at(call, "configs", `No code reads the setting ${name}.`)),
      );
    },
  },
  {
    name: "settings-given",
    why: "The app refuses to start without them, which shows after deployment and not before.",
    source: "src/config/config.ts",
    check: (around) =>
      sites(around, (call, settings) =>
        required
          .filter((name) => (settings[name] ?? "") === "")
          .map((name) => at(call, "configs", `The setting ${name} is missing.`)),
      ),
  },
  {
    name: "secrets-by-reference",
    why: "A setting is shown to everyone who may read the app; a reference shows where the secret is.",
    source: "App Service, Key Vault references",
    check: (around) =>
      sites(around, (call, settings) =>
        Object.entries(secrets)
          .filter(
            ([name, secret]) =>
              settings[name] !== undefined &&
              !new RegExp(`^@Microsoft\\.KeyVault\\(SecretUri=.*secrets/${secret}(/.*)?\\)$`).test(
                settings[name],
              ),
          )
          .map(([name, secret]) =>
            at(call, "configs", `${name} must be a reference to the vault's secret ${secret}.`),
          ),
      ),
  },
  {
    name: "references-without-version",
    why: "A reference that names a version never sees the secret rotated.",
    source: "App Service, Key Vault references: rotation",
    check: (around) =>
      sites(around, (call, settings) =>
        Object.entries(settings)
          .filter(([, value]) => /SecretUri=.*secrets\/[^/)]+\/[^)]+\)/.test(value))
          .map(([name]) => at(call, "configs", `${name} must name no version of its secret.`)),
      ),
  },
  {
    name: "settings-hold-no-secret",
    why: "Anyone who may read the app's settings, or the deployment's history, would have it.",
    source: "Azure Functions, identity-based connections",
    check: (around) =>
      sites(around, (call, settings) =>
        Object.entries(settings)
          .filter(([, value]) => secretLooks.test(value))
          .map(([name]) => at(call, "configs", `${name} holds a key or a signature.`)),
      ),
  },
  {
    name: "connections-by-identity",
    why: "Without a client id the host asks for the system-assigned identity, which isn't there.",
    source: "Azure Functions, identity-based connections",
    check: (around) =>
      sites(around, (call, settings) =>
        ["AzureWebJobsStorage", "IMAGES_STORAGE"]
          .filter(
            (name) =>
              settings[name] !== undefined ||
              settings[`${name}__credential`] !== "managedidentity" ||
              !(settings[`${name}__clientId`] ?? "").endsWith("clientId}"),
          )
          .map((name) => at(call, "configs", `${name} must connect by a user-assigned identity.`)),
      ),
  },
  {
    name: "code-has-its-own-identity",
    why: "As the host, the code could reach every container of the account, and so could a link it signs.",
    source: "docs/decisions; Azure Storage, user-delegation signatures",
    check: (around) =>
      sites(around, (call, settings) =>
        settings["AZURE_CLIENT_ID"] === settings["AzureWebJobsStorage__clientId"]
          ? [at(call, "configs", "The code must not be the identity that the host is.")]
          : [],
      ),
  },
];
