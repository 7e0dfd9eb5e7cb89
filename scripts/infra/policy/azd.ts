import { inEach, must, rule, type Rule } from "./rule.ts";

const group = "Microsoft.Resources/resourceGroups";
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

/** What azd, and the steps it runs afterwards, count on. */
export const azdRules: Rule[] = [
  rule(
    "main-outputs",
    "What the step after deployment reads must be told, in every shape.",
    "azure.yaml, hooks",
    inEach(({ outputs }) =>
      neededOutputs
        .filter((wanted) => (outputs[wanted] ?? "") === "")
        .map((wanted) => `there must be an output ${wanted}, and it must say something`),
    ),
  ),
  rule(
    "group-is-made",
    "azd makes no group for templates that are for a subscription.",
    "Azure Developer CLI, Bicep",
    must(group, "location", (value) => typeof value === "string" && value !== ""),
  ),
  rule(
    "environment-tag",
    "By this tag azd finds what belongs to an environment, and `azd down` removes it.",
    "Azure Developer CLI, azd-env-name",
    (world) =>
      [group, "Microsoft.Web/sites", "Microsoft.Storage/storageAccounts"].flatMap((type) =>
        must(type, "tags.azd-env-name", "darkroom")(world),
      ),
  ),
];
