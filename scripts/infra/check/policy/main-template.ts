import type { BicepFile } from "../../bicep/syntax.ts";
import { asText } from "../../evaluate/values.ts";
import { mainTemplate } from "../../shapes.ts";
import { decorated } from "./bicep-files.ts";
import { type Around, made, missing, type Place, type Rule, textAt } from "./rule.ts";

const neededOutputs = [
  "AZURE_RESOURCE_GROUP",
  "FUNCTION_APP_NAME",
  "DARKROOM_URL",
  "STORAGE_ACCOUNT_NAME",
  "KEY_VAULT_NAME",
  "EVENT_TOPIC_NAME",
  "DEAD_LETTER_CONTAINER",
  "INBOX_CONTAINER",
];

/** Parameters that choose between branches. */
const choices = ["access", "durableBackend", "instanceMemoryMB"];

const mainFile = ({ files }: Around) => files.filter(({ path }) => path === mainTemplate);

type Parameter = BicepFile["parameters"][number];

/** What is wrong with those parameters that a rule points out. */
function parameters(wrong: (parameter: Parameter) => boolean, message: (name: string) => string) {
  return (around: Around): Place[] =>
    mainFile(around)
      .flatMap((file) => file.parameters.filter(wrong))
      .map(({ line, name }) => ({ file: mainTemplate, line, message: message(name) }));
}

/** What `@minValue(1)`, for one, gives. */
function numberIn({ decorators }: Parameter, name: string) {
  const value = decorators.find((each) => each.name === name)?.arguments[0];
  return value?.kind === "literal" ? value.value : undefined;
}

export const mainTemplateRules: Rule[] = [
  {
    name: "main-for-subscription",
    why: "azd deploys to a subscription, where the resource group is made as well.",
    source: "Azure Developer CLI, Bicep",
    check: (around) =>
      mainFile(around)
        .filter(({ targetScope }) => targetScope !== "subscription")
        .map(() => missing("main.bicep must be for a subscription.")),
  },
  {
    name: "main-outputs",
    why: "What the step after deployment reads must be told.",
    source: "azure.yaml, hooks",
    check: (around) =>
      mainFile(around).flatMap(({ outputs }) =>
        neededOutputs
          .filter((wanted) => !outputs.some(({ name }) => name === wanted))
          .map((wanted) => missing(`There must be an output ${wanted}.`)),
      ),
  },
  {
    name: "outputs-have-values",
    why: "An output that is empty in some shape stops the step after deployment there.",
    source: "azure.yaml, hooks",
    check: ({ shapes }) =>
      shapes.flatMap(({ name, outputs }) =>
        neededOutputs
          .filter((wanted) => wanted in outputs && asText(outputs[wanted]) === "")
          .map((wanted) => missing(`${wanted} is empty (${name}).`)),
      ),
  },
  {
    name: "parameters-described",
    why: "Who deploys reads these words and nothing else.",
    source: "Azure Verified Modules, parameter descriptions",
    check: parameters(
      (each) => !decorated(each, "description"),
      (name) => `${name} must be described.`,
    ),
  },
  {
    name: "choices-are-closed",
    why: "A misspelt choice would fall to the other branch, silently.",
    source: "Bicep, allowed values",
    check: parameters(
      (each) => choices.includes(each.name) && !decorated(each, "allowed") && each.type.kind !== "union",
      (name) => `The choices of ${name} must be told.`,
    ),
  },
  {
    name: "retention-in-bounds",
    why: "A number that the app refuses is an app that doesn't start.",
    source: "src/config/config.ts, RETENTION_DAYS",
    check: (around) => {
      const inCode = /"RETENTION_DAYS", \{[^}]*minimum: ([\d_]+), maximum: ([\d_]+)/;
      const [, ...bounds] = inCode.exec(around.tree.get("src/config/config.ts") ?? "") ?? [];
      const [least, most] = bounds.map((text) => Number(text.replace("_", "")));
      return parameters(
        (each) =>
          each.name === "retentionDays" &&
          (numberIn(each, "minValue") !== least || numberIn(each, "maxValue") !== most),
        (name) => `${name} must be ${least} to ${most}, as the app has it.`,
      )(around);
    },
  },
  {
    name: "group-is-made",
    why: "azd makes no group for templates that are for a subscription.",
    source: "Azure Developer CLI, Bicep",
    check: ({ shapes }) =>
      shapes
        .filter(
          (shape) =>
            !made(shape, "Microsoft.Resources/resourceGroups").some(
              ({ body }) => textAt(body, "location") !== "",
            ),
        )
        .map(() => missing("main.bicep must make the resource group.")),
  },
];
