import type { Value } from "../../evaluate/values.ts";
import { sites } from "./app.ts";
import { at, type Around, calls, missing, type Rule, textAt, valueAt } from "./rule.ts";

function hostJson(around: Around): Value {
  return JSON.parse(around.tree.get("host.json") ?? "{}") as Value;
}

export const hostSettingsRules: Rule[] = [
  {
    name: "telemetry-by-identity",
    why: "With local sign-in off, telemetry without it is dropped, silently.",
    source: "Application Insights, Entra authentication for Azure Functions",
    check: (around) =>
      sites(around, (call, settings) =>
        /^ClientId=.+;Authorization=AAD$/.test(settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] ?? "")
          ? []
          : [at(call, "configs", "Telemetry must be sent by a user-assigned identity.")],
      ),
  },
  {
    name: "own-page",
    why: "The platform's own page would stand before the gallery.",
    source: "Azure Functions, AzureWebJobsDisableHomepage",
    check: (around) =>
      sites(around, (call, settings) =>
        settings["AzureWebJobsDisableHomepage"] === "true"
          ? []
          : [at(call, "configs", "The platform's own page must be off.")],
      ),
  },
  {
    name: "backend-chosen",
    why: "host.json names Azure Storage; the other backend is a setting or it is not used.",
    source: "Durable Task Scheduler, configure the app",
    check: (around) =>
      sites(around, (call, settings, { usesScheduler }) => {
        const provider = settings["AzureFunctionsJobHost__extensions__durableTask__storageProvider__type"];
        const named =
          settings["AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName"];
        const fits = usesScheduler
          ? provider === "azureManaged" && settings[named ?? ""] !== undefined
          : provider === undefined;
        return fits
          ? []
          : [
              at(
                call,
                "configs",
                "The settings must name the backend that is chosen, and a connection for it.",
              ),
            ];
      }),
  },
  {
    name: "scheduler-by-identity",
    why: "The scheduler knows identities and nothing else.",
    source: "Durable Task Scheduler, identity",
    check: (around) =>
      sites(around, (call, settings) => {
        const connection = settings["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"];
        return connection === undefined ||
          /;Authentication=ManagedIdentity;ClientID=\{.+clientId\}/.test(connection)
          ? []
          : [at(call, "configs", "The scheduler must be reached by a user-assigned identity.")];
      }),
  },
  {
    name: "task-hub-exists",
    why: "A hub that isn't there is a host that doesn't start.",
    source: "Durable Task Scheduler, task hubs",
    check: (around) =>
      around.shapes
        .filter(({ usesScheduler }) => usesScheduler)
        .flatMap((shape) => {
          const hubs = shape.deployed.filter(
            ({ type }) => type === "Microsoft.DurableTask/schedulers/taskHubs",
          );
          const wanted = textAt(hostJson(around), "extensions.durableTask.hubName");
          return hubs.some(({ name }) => name === wanted)
            ? []
            : [missing(`No task hub is named ${wanted}, as host.json has it.`)];
        }),
  },
  {
    name: "queues-are-watched",
    why: "The default looks every half minute; a job would wait that long for its next step.",
    source: "Durable Functions, Azure Storage provider on Flex Consumption: ten seconds at most",
    check: (around) => {
      const interval = textAt(
        hostJson(around),
        "extensions.durableTask.storageProvider.maxQueuePollingInterval",
      );
      return /^00:00:(0\d|10)$/.test(interval)
        ? []
        : [missing("Durable queues must be looked at every ten seconds at least.", "host.json")];
    },
  },
  {
    name: "prompts-stay-out",
    why: "Traces of inputs and outputs would hold what people asked for.",
    source: "Durable Functions, distributed tracing",
    check: (around) =>
      valueAt(hostJson(around), "extensions.durableTask.tracing.traceInputsAndOutputs") === false
        ? []
        : [missing("Traces must hold no inputs and outputs.", "host.json")],
  },
  {
    name: "one-plan-per-app",
    why: "Flex Consumption takes one app to a plan.",
    source: "Flex Consumption plan",
    check: (around) =>
      around.shapes.flatMap((shape) =>
        calls(shape, "web/serverfarm").length === calls(shape, "web/site").length
          ? []
          : [missing("Each app needs a plan of its own.")],
      ),
  },
];
