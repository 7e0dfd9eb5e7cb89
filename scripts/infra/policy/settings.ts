import type { Deployment } from "../deployments.ts";
import { holderOf, settingsOf } from "./app.ts";
import {
  asText,
  inEach,
  listAt,
  made,
  rule,
  type Rule,
  textAt,
  textOf,
  valueAt,
  type World,
} from "./rule.ts";

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
const platform =
  /^(AzureWebJobsStorage__(accountName|credential|clientId)|IMAGES_STORAGE__\w+|AzureFunctionsJobHost__\w+|AzureWebJobsDisableHomepage|languageWorkers__node__arguments|APPLICATIONINSIGHTS_(CONNECTION_STRING|AUTHENTICATION_STRING)|OTEL_\w+|AZURE_CLIENT_ID|DURABLE_TASK_SCHEDULER_CONNECTION_STRING)$/;

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

type Settings = Record<string, string>;

const eachApp = (
  check: (settings: Settings, deployment: Deployment, world: World) => string[],
): Rule["check"] => inEach((deployment, world) => check(settingsOf(deployment), deployment, world));

const says = (fits: boolean, message: string) => (fits ? [] : [message]);

/** Names of the settings that are neither the platform's nor refused by it. */
const ownOf = (settings: Settings) =>
  Object.keys(settings).filter((name) => !notOnFlex.includes(name) && !platform.test(name));

const sampleOf = (world: World) =>
  Object.keys(valueAt(JSON.parse(textOf(world, "local.settings.sample.json") || "{}"), "Values") ?? {});

const durable = "AzureFunctionsJobHost__extensions__durableTask__storageProvider";
const hostJson = (world: World): unknown => JSON.parse(textOf(world, "host.json") || "{}");

export const settingsRules: Rule[] = [
  rule(
    "flex-settings",
    "On Flex Consumption they are ignored at best, and stop the deployment at worst.",
    "Azure Functions, app settings: Flex Consumption deprecations",
    eachApp((settings) =>
      notOnFlex.filter((name) => name in settings).map((name) => `${name} is no setting of Flex Consumption`),
    ),
  ),
  rule(
    "settings-known",
    "A setting that nobody reads does nothing, and is most often a misspelt one.",
    "local.settings.sample.json",
    eachApp((settings, _, world) =>
      ownOf(settings)
        .filter((name) => !sampleOf(world).includes(name))
        .map((name) => `nobody reads a setting ${name}`),
    ),
  ),
  rule(
    "settings-read",
    "The sample is what people go by; the code is what counts.",
    "src, by the names it reads",
    eachApp((settings, _, world) => {
      const sources = [...world.tree].filter(([path]) => path.startsWith("src/")).map(([, text]) => text);
      return ownOf(settings)
        .filter((name) => sampleOf(world).includes(name))
        .filter((name) => !sources.some((text) => text.includes(`"${name}"`)))
        .map((name) => `no code reads the setting ${name}`);
    }),
  ),
  rule(
    "settings-given",
    "The app refuses to start without them, which shows after deployment and not before.",
    "src, what the configuration asks for",
    eachApp((settings) =>
      required.filter((name) => !settings[name]).map((name) => `the setting ${name} is missing`),
    ),
  ),
  rule(
    "secrets-by-reference",
    "A setting is shown to everyone who may read the app; a reference shows where the secret is.",
    "App Service, Key Vault references",
    eachApp((settings) =>
      Object.entries(secrets)
        .filter(([name, secret]) => {
          const reference = new RegExp(
            `@Microsoft\\.KeyVault\\(SecretUri=\\{0\\}secrets/${secret}(/[^)]*)?\\)'`,
          );
          return !reference.test(settings[name] ?? "");
        })
        .map(([name, secret]) => `${name} must be a reference to the vault's secret ${secret}`),
    ),
  ),
  rule(
    "references-without-version",
    "A reference that names a version never sees the secret rotated.",
    "App Service, Key Vault references: rotation",
    eachApp((settings) =>
      Object.keys(settings)
        .filter((name) => /SecretUri=[^)]*secrets\/[^/)]+\/[^)]+\)/.test(settings[name] ?? ""))
        .map((name) => `${name} must name no version of its secret`),
    ),
  ),
  rule(
    "settings-hold-no-secret",
    "Anyone who may read the app's settings, or the deployment's history, would have it.",
    "Azure Functions, identity-based connections",
    eachApp((settings) =>
      Object.keys(settings)
        .filter((name) => secretLooks.test(settings[name] ?? ""))
        .map((name) => `${name} holds a key or a signature`),
    ),
  ),
  rule(
    "connections-by-identity",
    "Without a client id the host asks for the system-assigned identity, which isn't there.",
    "Azure Functions, identity-based connections",
    eachApp((settings) =>
      ["AzureWebJobsStorage", "IMAGES_STORAGE"]
        .filter(
          (name) =>
            name in settings ||
            settings[`${name}__credential`] !== "managedidentity" ||
            holderOf(settings[`${name}__clientId`] ?? "") === undefined,
        )
        .map((name) => `${name} must connect by a user-assigned identity`),
    ),
  ),
  rule(
    "code-has-its-own-identity",
    "As the host, the code could reach every container of the account, and so could a link it signs.",
    "docs/decisions; Azure Storage, user-delegation signatures",
    eachApp((settings) =>
      says(
        settings["AZURE_CLIENT_ID"] !== settings["AzureWebJobsStorage__clientId"],
        "the code must not be the identity that the host is",
      ),
    ),
  ),
  rule(
    "telemetry-by-identity",
    "With local sign-in off, telemetry without it is dropped, silently.",
    "Application Insights, Entra authentication for Azure Functions",
    eachApp(({ APPLICATIONINSIGHTS_AUTHENTICATION_STRING: given = "" }) =>
      says(
        given.includes("'ClientId={0};Authorization=AAD'") && holderOf(given) !== undefined,
        "telemetry must be sent by a user-assigned identity",
      ),
    ),
  ),
  rule(
    "cors-agrees",
    "A page that may call and not show what it made, or the other way round, fails where its author can't see why.",
    "docs/configuration.md, CORS_ORIGINS",
    eachApp(({ CORS_ORIGINS: given = "" }, deployment) => {
      const ofApp = given
        .split(",")
        .map((origin) => origin.trim())
        .filter((origin) => origin !== "");
      const ofStorage = made(deployment, "Microsoft.Storage/storageAccounts/blobServices")
        .flatMap(({ properties }) => listAt(properties, "cors.corsRules"))
        .flatMap((each) => listAt(each, "allowedOrigins").map(asText));
      return says(
        ofApp.toSorted().join() === ofStorage.toSorted().join(),
        `the app lets pages of ${ofApp.join(", ") || "no origin"} call, storage those of ${ofStorage.join(", ") || "none"}`,
      );
    }),
  ),
  rule(
    "own-page",
    "The platform's own page would stand before the gallery.",
    "Azure Functions, AzureWebJobsDisableHomepage",
    eachApp((settings) =>
      says(settings["AzureWebJobsDisableHomepage"] === "true", "the platform's own page must be off"),
    ),
  ),
  rule(
    "backend-chosen",
    "host.json names Azure Storage; the other backend is a setting or it is not used.",
    "Durable Task Scheduler, configure the app",
    eachApp((settings, { usesScheduler }) => {
      const provider = settings[`${durable}__type`];
      const connection = settings[settings[`${durable}__connectionStringName`] ?? ""];
      return says(
        usesScheduler ? provider === "azureManaged" && connection !== undefined : provider === undefined,
        "the settings must name the backend that is chosen, and a connection for it",
      );
    }),
  ),
  rule(
    "scheduler-by-identity",
    "The scheduler knows identities and nothing else.",
    "Durable Task Scheduler, identity",
    eachApp(({ DURABLE_TASK_SCHEDULER_CONNECTION_STRING: given }) =>
      says(
        given === undefined ||
          (/;Authentication=ManagedIdentity;ClientID=\{\d\}'/.test(given) && holderOf(given) !== undefined),
        "the scheduler must be reached by a user-assigned identity",
      ),
    ),
  ),
  rule(
    "task-hub-exists",
    "A hub that isn't there is a host that doesn't start.",
    "Durable Task Scheduler, task hubs",
    inEach(
      (deployment, world) => {
        const wanted = textAt(hostJson(world), "extensions.durableTask.hubName");
        const hubs = made(deployment, "Microsoft.DurableTask/schedulers/taskHubs");
        return says(
          hubs.some(({ name }) => name.endsWith(`/${wanted}`)),
          `no task hub is named ${wanted}, as host.json has it`,
        );
      },
      ({ usesScheduler }) => usesScheduler,
    ),
  ),
  rule(
    "queues-are-watched",
    "The default looks every half minute; a job would wait that long for its next step.",
    "Durable Functions, Azure Storage provider on Flex Consumption: ten seconds at most",
    (world) => {
      const path = "extensions.durableTask.storageProvider.maxQueuePollingInterval";
      return says(
        /^00:00:(0\d|10)$/.test(textAt(hostJson(world), path)),
        "host.json: durable queues must be looked at every ten seconds at least",
      );
    },
  ),
  rule(
    "prompts-stay-out",
    "Traces of inputs and outputs would hold what people asked for.",
    "Durable Functions, distributed tracing",
    (world) =>
      says(
        valueAt(hostJson(world), "extensions.durableTask.tracing.traceInputsAndOutputs") === false,
        "host.json: traces must hold no inputs and outputs",
      ),
  ),
  rule(
    "model-deployed",
    "The app calls what IMAGE_DEPLOYMENTS says; an address or name that isn't deployed is a failed job.",
    "docs, IMAGE_DEPLOYMENTS",
    eachApp((settings, deployment) => {
      const accounts = made(deployment, "Microsoft.CognitiveServices/accounts");
      const deployed = made(deployment, "Microsoft.CognitiveServices/accounts/deployments").map(
        ({ name }) => {
          const [account = "", model = ""] = name.split("/");
          const domain = textAt(
            accounts.find((each) => each.name === account)?.properties,
            "customSubDomainName",
          );
          return `https://${domain || account}.openai.azure.com ${model}`;
        },
      );
      const named = JSON.parse(settings["IMAGE_DEPLOYMENTS"] ?? "[]") as unknown[];
      const said = named.map((each) => `${textAt(each, "endpoint")} ${textAt(each, "deployment")}`);
      return says(
        said.toSorted().join() === deployed.toSorted().join(),
        "IMAGE_DEPLOYMENTS must name what is deployed, all of it and nothing else",
      );
    }),
  ),
];
