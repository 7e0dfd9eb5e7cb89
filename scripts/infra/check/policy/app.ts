import { asText, isRecord } from "../../evaluate/values.ts";
import type { Deployed } from "../../evaluate/world.ts";
import type { Shape } from "../../shapes.ts";
import {
  at,
  type Around,
  calls,
  eachDeployed,
  equals,
  listAt,
  must,
  type Place,
  type Rule,
  settingsOf,
  textAt,
  valueAt,
  whenPrivate,
} from "./rule.ts";

const site = "web/site";

/** Every site of every shape with its settings. */
export function sites(
  around: Around,
  check: (call: Deployed, settings: Record<string, string>, shape: Shape) => Place[],
): Place[] {
  return eachDeployed(
    around,
    (shape) => calls(shape, site),
    (call, shape) => check(call, settingsOf(call.body), shape),
  );
}

export const appRules: Rule[] = [
  {
    name: "app-https",
    why: "Keys travel in headers, and links in answers.",
    source: "App Service, enforce https",
    check: must({
      module: site,
      path: "httpsOnly",
      is: equals(true),
      message: "The app must be reached by https alone.",
    }),
  },
  {
    name: "app-tls",
    why: "TLS 1.0 and 1.1 are broken, and no client of ours needs them.",
    source: "App Service, minimum version of TLS",
    check: must({
      module: site,
      path: "siteConfig.minTlsVersion",
      is: (value) => value === "1.2" || value === "1.3",
      message: "The app must ask for TLS 1.2 or newer.",
    }),
  },
  {
    name: "app-no-ftp",
    why: "FTP is a second way to deploy, in the clear and with a password.",
    source: "App Service, deploy by FTP",
    check: must({
      module: site,
      path: "siteConfig.ftpsState",
      is: equals("Disabled"),
      message: "FTP must be off.",
    }),
  },
  {
    name: "app-no-passwords",
    why: "Publishing passwords deploy code as the app, past Entra ID and its log.",
    source: "App Service, disable basic authentication",
    check: (around) =>
      sites(around, (call) =>
        ["ftp", "scm"]
          .filter(
            (name) =>
              !listAt(call.body, "basicPublishingCredentialsPolicies").some(
                (each) => textAt(each, "name") === name && valueAt(each, "allow") === false,
              ),
          )
          .map((name) =>
            at(call, "basicPublishingCredentialsPolicies", `Publishing by password (${name}) must be off.`),
          ),
      ),
  },
  {
    name: "no-wildcard-cors",
    why: "Any page a caller opens could then use what the browser knows of the app.",
    source: "App Service, cross-origin resource sharing",
    check: (around) =>
      sites(around, (call) =>
        listAt(call.body, "siteConfig.cors.allowedOrigins")
          .map(asText)
          .filter((origin) => origin.includes("*") || !origin.startsWith("https://"))
          .map((origin) =>
            at(
              call,
              "siteConfig.cors.allowedOrigins",
              `"${origin}" must be one https origin, and no pattern.`,
            ),
          ),
      ),
  },
  {
    name: "cors-without-credentials",
    why: "Cookies across origins turn a visit to a foreign page into a call in the visitor's name.",
    source: "App Service, cross-origin resource sharing",
    check: must({
      module: site,
      path: "siteConfig.cors.supportCredentials",
      is: (value) => value !== true,
      message: "Other origins must bring no credentials.",
    }),
  },
  {
    name: "flex-plan",
    why: "The settings, the scale block and the trigger by events are of Flex Consumption.",
    source: "Flex Consumption plan",
    check: must({
      module: "web/serverfarm",
      path: "skuName",
      is: equals("FC1"),
      message: "The plan must be Flex Consumption (FC1).",
    }),
  },
  {
    name: "node-22",
    why: "The package is built for and tested on Node 22, native parts and all.",
    source: "package.json, engines; Flex Consumption, supported languages",
    check: must({
      module: site,
      path: "functionAppConfig.runtime",
      is: (value) => isRecord(value) && value["name"] === "node" && value["version"] === "22",
      message: "The app must run on Node 22.",
    }),
  },
  {
    name: "linux-app",
    why: "Flex Consumption is Linux, and the package holds Linux binaries.",
    source: "Flex Consumption plan",
    check: must({
      module: site,
      path: "kind",
      is: equals("functionapp,linux"),
      message: "The app must be a Linux function app.",
    }),
  },
  {
    name: "package-by-identity",
    why: "A connection string for the package would need the account's keys, which are off.",
    source: "Flex Consumption, deployment storage",
    check: must({
      module: site,
      path: "functionAppConfig.deployment.storage.authentication.type",
      is: equals("UserAssignedIdentity"),
      message: "The package must be fetched by a user-assigned identity.",
    }),
  },
  {
    name: "user-assigned-identity",
    why: "Roles are assigned before the app exists, so that its first start finds them.",
    source: "Flex Consumption quickstarts",
    check: must({
      module: site,
      path: "managedIdentities.userAssignedResourceIds",
      is: (value) => Array.isArray(value) && value.length > 0,
      message: "The app must have user-assigned identities.",
    }),
  },
  {
    name: "vault-identity",
    why: "References to the vault are followed as the system-assigned identity unless another is named, and there is none.",
    source: "App Service, Key Vault references",
    check: must({
      module: site,
      path: "keyVaultAccessIdentityResourceId",
      is: (value, call) => {
        const its = listAt(call.body, "managedIdentities.userAssignedResourceIds").map(asText);
        return its.length === 0 || its.includes(asText(value));
      },
      message: "The identity that reads the vault must be one of the app's.",
    }),
  },
  {
    name: "durable-always-ready",
    why: "Without an instance that is awake, a job that waits is woken as late as the platform looks.",
    source: "Durable Functions, Azure Storage provider on Flex Consumption",
    check: must({
      module: site,
      path: "functionAppConfig.scaleAndConcurrency.alwaysReady",
      is: (value) =>
        Array.isArray(value) &&
        value.some(
          (each) => textAt(each, "name") === "durable" && Number(valueAt(each, "instanceCount")) >= 1,
        ),
      message: "One instance for durable work must always be ready.",
    }),
  },
  {
    name: "scale-has-an-end",
    why: "An app without a limit spends one; above 1000 the platform refuses.",
    source: "Flex Consumption, scale and concurrency",
    check: must({
      module: site,
      path: "functionAppConfig.scaleAndConcurrency.maximumInstanceCount",
      is: (value) => Number(value) >= 1 && Number(value) <= 1000,
      message: "The most instances must be 1 to 1000.",
    }),
  },
  {
    name: "app-in-network",
    why: "What is closed to the public is closed to an app outside the network as well.",
    source: "Flex Consumption, virtual network integration",
    check: must({
      module: site,
      path: "virtualNetworkSubnetResourceId",
      is: (value) => value !== null && value !== undefined && value !== "",
      when: whenPrivate,
      message: "The app must be in the network where private access is chosen.",
    }),
  },
  {
    name: "service-tag",
    why: "By this tag azd finds where to deploy which service.",
    source: "Azure Developer CLI, azure.yaml",
    check: must({
      module: site,
      path: "tags.azd-service-name",
      is: (value) => asText(value) !== "",
      message: "The app must have the tag azd-service-name.",
    }),
  },
];
