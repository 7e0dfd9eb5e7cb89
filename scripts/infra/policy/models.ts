import type { Json } from "../deployments.ts";
import { asText, listAt, must, rule, type Rule, textAt, valueAt, whenPrivate, type World } from "./rule.ts";

const models = "Microsoft.CognitiveServices/accounts";
const parameterFile = "infra/main.parameters.json";

/** The models that the parameter file asks for. */
function eachModel(
  message: string,
  fits: (model: Json, all: Json[], world: World) => boolean,
): Rule["check"] {
  return (world) => {
    const all = listAt(JSON.parse(world.tree.get(parameterFile) ?? "{}"), "parameters.models.value");
    if (all.length === 0) return [`${parameterFile}: no model is asked for`];
    return all
      .filter((model) => !fits(model, all, world))
      .map((model) => `${parameterFile}: ${textAt(model, "name")} ${message}`);
  };
}

export const modelRules: Rule[] = [
  rule(
    "models-without-keys",
    "A key of the account spends its whole quota for the one who finds it.",
    "Azure AI services, disable local authentication",
    must(models, "properties.disableLocalAuth", true),
  ),
  rule(
    "models-by-name",
    "Accounts without a name of their own take no tokens of Entra ID.",
    "Azure AI services, custom subdomain names",
    must(models, "properties.customSubDomainName", (value) => typeof value === "string" && value !== ""),
  ),
  rule(
    "models-closed",
    "A private deployment whose models answer on a public address is not private.",
    "Azure AI services, private endpoints",
    must(models, "properties.publicNetworkAccess", "Disabled", whenPrivate),
  ),
  rule(
    "models-deny",
    "Should the public network be opened by hand, it still lets nobody in.",
    "Azure AI services, network rules",
    must(models, "properties.networkAcls.defaultAction", "Deny", whenPrivate),
  ),
  rule(
    "models-are-images",
    "The kind decides which deployments an account takes.",
    "Azure OpenAI, create a resource",
    must(models, "kind", (value) => value === "OpenAI" || value === "AIServices"),
  ),
  rule(
    "models-outlive-versions",
    "A pinned version that is retired ends every job with it, overnight.",
    "Azure OpenAI, model versions and their upgrade",
    must(`${models}/deployments`, "properties.versionUpgradeOption", (value) =>
      ["OnceCurrentVersionExpired", "OnceNewDefaultVersionAvailable"].includes(asText(value)),
    ),
  ),
  rule(
    "model-retirement",
    "Image models have died within a year and a half: who deploys one should know its day.",
    "Azure OpenAI, model retirements",
    eachModel("must say the day it is retired, as yyyy-mm-dd", (model) =>
      /^20\d\d-(0[1-9]|1[0-2])-\d\d$/.test(textAt(model, "retiresOn")),
    ),
  ),
  rule(
    "model-retirement-wanted",
    "A list that others give must say it as well.",
    "Azure OpenAI, model retirements",
    ({ tree }) =>
      ["retiresOn", "quotaPool"]
        .filter(
          (field) =>
            !new RegExp(`^ +${field}: string$`, "m").test(tree.get("infra/modules/types.bicep") ?? ""),
        )
        .map((field) => `infra/modules/types.bicep: ${field} must be asked of every model`),
  ),
  rule(
    "model-quota-pool",
    "Global deployments of one model share one quota over all regions: more of them is not more.",
    "Azure OpenAI, quotas and limits",
    eachModel("must say which quota it draws on", (model) => textAt(model, "quotaPool") !== ""),
  ),
  rule(
    "model-capacity",
    "A deployment of no capacity is made, and answers every call with 429.",
    "Azure OpenAI, quotas and limits",
    eachModel("must have some capacity", (model) => Number(valueAt(model, "capacity")) > 0),
  ),
  rule(
    "model-names",
    "Callers choose by name; two of one name are one to them.",
    "docs, IMAGE_DEPLOYMENTS",
    eachModel("must have a name of its own", (model, all) => {
      const nameOf = (each: Json) => textAt(each, "name").toLowerCase();
      return all.filter((other) => nameOf(other) === nameOf(model)).length === 1;
    }),
  ),
  rule(
    "model-known",
    "A model that nobody describes is asked with generic checks only.",
    "src/domain/model-catalogue.ts",
    eachModel("is no model that the app knows", (model, _, { tree }) =>
      [...tree].some(
        ([path, text]) =>
          path.endsWith("/model-catalogue.ts") && text.includes(`"${textAt(model, "model")}"`),
      ),
    ),
  ),
];
