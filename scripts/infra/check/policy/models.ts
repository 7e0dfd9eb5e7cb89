import { asText, type Value } from "../../evaluate/values.ts";
import {
  type Around,
  at,
  calls,
  eachDeployed,
  equals,
  listAt,
  missing,
  must,
  type Rule,
  settingsOf,
  textAt,
  valueAt,
  whenPrivate,
} from "./rule.ts";

const account = "cognitive-services/account";
const parameterFile = "infra/main.parameters.json";

/** The models that the parameter file asks for. */
function models(around: Around): Value[] {
  return listAt(around.shapes[0]?.given ?? null, "models");
}

function eachModel(
  fits: (model: Value, all: Value[], around: Around) => boolean,
  message: string,
): Rule["check"] {
  return (around) => {
    const all = models(around);
    if (all.length === 0) return [missing("No model is asked for.", parameterFile)];
    return all
      .filter((model) => !fits(model, all, around))
      .map((model) => missing(`${textAt(model, "name")}: ${message}`, parameterFile));
  };
}

export const modelRules: Rule[] = [
  {
    name: "models-without-keys",
    why: "A key of the account spends its whole quota for the one who finds it.",
    source: "Azure AI services, disable local authentication",
    check: must({
      module: account,
      path: "disableLocalAuth",
      is: equals(true),
      message: "Keys of the models' accounts must be off.",
    }),
  },
  {
    name: "models-by-name",
    why: "Accounts without a name of their own take no tokens of Entra ID.",
    source: "Azure AI services, custom subdomain names",
    check: must({
      module: account,
      path: "customSubDomainName",
      is: (value) => asText(value) !== "",
      message: "Accounts must have a custom subdomain.",
    }),
  },
  {
    name: "models-closed",
    why: "A private deployment whose models answer on a public address is not private.",
    source: "Azure AI services, private endpoints",
    check: must({
      module: account,
      path: "publicNetworkAccess",
      is: equals("Disabled"),
      when: whenPrivate,
      message: "Models must have no public network where private access is chosen.",
    }),
  },
  {
    name: "models-deny",
    why: "Should the public network be opened by hand, it still lets nobody in.",
    source: "Azure AI services, network rules",
    check: must({
      module: account,
      path: "networkAcls.defaultAction",
      is: equals("Deny"),
      when: whenPrivate,
      message: "Models must refuse who isn't named where private access is chosen.",
    }),
  },
  {
    name: "models-are-images",
    why: "The kind decides which deployments an account takes.",
    source: "Azure OpenAI, create a resource",
    check: must({
      module: account,
      path: "kind",
      is: (value) => value === "OpenAI" || value === "AIServices",
      message: "Accounts must be of kind OpenAI or AIServices.",
    }),
  },
  {
    name: "models-outlive-versions",
    why: "A pinned version that is retired ends every job with it, overnight.",
    source: "Azure OpenAI, model versions and their upgrade",
    check: (around) =>
      eachDeployed(
        around,
        (shape) => calls(shape, account),
        (call) =>
          listAt(call.body, "deployments")
            .filter(
              (each) =>
                !["OnceCurrentVersionExpired", "OnceNewDefaultVersionAvailable"].includes(
                  textAt(each, "versionUpgradeOption"),
                ),
            )
            .map((each) =>
              at(call, "deployments", `${textAt(each, "name")} must move on when its version is retired.`),
            ),
      ),
  },
  {
    name: "model-retirement",
    why: "Image models have died within a year and a half: who deploys one should know its day.",
    source: "Azure OpenAI, model retirements",
    check: eachModel(
      (model) => /^20\d\d-(0[1-9]|1[0-2])-\d\d$/.test(textAt(model, "retiresOn")),
      "must say the day it is retired, as yyyy-mm-dd.",
    ),
  },
  {
    name: "model-retirement-wanted",
    why: "A list that others give must say it as well.",
    source: "Azure OpenAI, model retirements",
    check: ({ files }) =>
      files.flatMap((file) =>
        file.types
          .filter(({ name }) => name === "modelType")
          .flatMap(({ type, line }) =>
            ["retiresOn", "quotaPool"]
              .filter(
                (wanted) =>
                  type.kind !== "object" ||
                  !type.properties.some(
                    ({ name, type: field }) => name === wanted && field.kind !== "nullable",
                  ),
              )
              .map((wanted) => ({
                file: file.path,
                line,
                message: `${wanted} must be asked of every model.`,
              })),
          ),
      ),
  },
  {
    name: "model-quota-pool",
    why: "Global deployments of one model share one quota over all regions: more of them is not more.",
    source: "Azure OpenAI, quotas and limits",
    check: eachModel((model) => textAt(model, "quotaPool") !== "", "must say which quota it draws on."),
  },
  {
    name: "model-capacity",
    why: "A deployment of no capacity is made, and answers every call with 429.",
    source: "Azure OpenAI, quotas and limits",
    check: eachModel((model) => Number(valueAt(model, "capacity")) > 0, "must have some capacity."),
  },
  {
    name: "model-names",
    why: "Callers choose by name; two of one name are one to them.",
    source: "README, IMAGE_DEPLOYMENTS",
    check: eachModel(
      (model, all) =>
        all.filter((other) => textAt(other, "name").toLowerCase() === textAt(model, "name").toLowerCase())
          .length === 1,
      "its name must be its own.",
    ),
  },
  {
    name: "model-known",
    why: "A model that nobody describes is asked with generic checks only.",
    source: "src/domain/model-catalogue.ts",
    check: eachModel(
      (model, _, { tree }) =>
        (tree.get("src/domain/model-catalogue.ts") ?? "").includes(`"${textAt(model, "model")}"`),
      "is no model that the app knows.",
    ),
  },
  {
    name: "model-deployed",
    why: "The app calls what IMAGE_DEPLOYMENTS says; an address or name that isn't deployed is a failed job.",
    source: "README, IMAGE_DEPLOYMENTS",
    check: (around) =>
      around.shapes.flatMap((shape) => {
        const deployed = calls(shape, account).flatMap((call) =>
          listAt(call.body, "deployments").map(
            (each) =>
              `https://${textAt(call.body, "customSubDomainName") || textAt(call.body, "name")}.openai.azure.com ${textAt(each, "name")}`,
          ),
        );
        return calls(shape, "web/site").flatMap((call) => {
          const said = settingsOf(call.body)["IMAGE_DEPLOYMENTS"] ?? "[]";
          const offers = JSON.parse(said) as { endpoint?: string; deployment?: string }[];
          const strange = offers.filter(
            ({ endpoint = "", deployment = "" }) => !deployed.includes(`${endpoint} ${deployment}`),
          );
          return strange.length > 0 || offers.length !== deployed.length
            ? [
                at(
                  call,
                  "configs",
                  "IMAGE_DEPLOYMENTS must name what is deployed, all of it and nothing else.",
                ),
              ]
            : [];
        });
      }),
  },
];
