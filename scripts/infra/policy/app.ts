import type { Deployment, Json, Resource } from "../deployments.ts";
import {
  asText,
  eachOf,
  inEach,
  isRecord,
  listAt,
  made,
  must,
  rule,
  type Rule,
  textAt,
  valueAt,
} from "./rule.ts";

const site = "Microsoft.Web/sites";
const scale = "properties.functionAppConfig.scaleAndConcurrency";

const identitiesOf = (resource: Resource) =>
  Object.keys(valueAt(resource, "identity.userAssignedIdentities") ?? {});

const isDurable = (each: Json) =>
  textAt(each, "name") === "durable" && Number(valueAt(each, "instanceCount")) >= 1;

export const appRules: Rule[] = [
  rule(
    "app-https",
    "Keys travel in headers, and links in answers.",
    "App Service, enforce https",
    must(site, "properties.httpsOnly", true),
  ),
  rule(
    "app-tls",
    "TLS 1.0 and 1.1 are broken, and no client of ours needs them.",
    "App Service, minimum version of TLS",
    must(site, "properties.siteConfig.minTlsVersion", (value) => value === "1.2" || value === "1.3"),
  ),
  rule(
    "app-no-ftp",
    "FTP is a second way to deploy, in the clear and with a password.",
    "App Service, deploy by FTP",
    must(site, "properties.siteConfig.ftpsState", "Disabled"),
  ),
  rule(
    "app-no-passwords",
    "Publishing passwords deploy code as the app, past Entra ID and its log.",
    "App Service, disable basic authentication",
    inEach((deployment) => {
      const closed = made(deployment, `${site}/basicPublishingCredentialsPolicies`)
        .filter(({ properties }) => valueAt(properties, "allow") === false)
        .map(({ name }) => name.split("/")[1]);
      return ["ftp", "scm"].filter((way) => !closed.includes(way)).map((way) => `${way} takes a password`);
    }),
  ),
  rule(
    "no-wildcard-cors",
    "Any page a caller opens could then use what the browser knows of the app.",
    "App Service, cross-origin resource sharing",
    eachOf(site, ({ properties }) =>
      listAt(properties, "siteConfig.cors.allowedOrigins")
        .map(String)
        .filter((origin) => origin.includes("*") || !origin.startsWith("https://"))
        .map((origin) => `"${origin}" must be one https origin, and no pattern`),
    ),
  ),
  rule(
    "cors-without-credentials",
    "Cookies across origins turn a visit to a foreign page into a call in the visitor's name.",
    "App Service, cross-origin resource sharing",
    must(site, "properties.siteConfig.cors.supportCredentials", (value) => value !== true),
  ),
  rule(
    "flex-plan",
    "The settings, the scale block and the trigger by events are of Flex Consumption.",
    "Flex Consumption plan",
    must("Microsoft.Web/serverfarms", "sku.name", "FC1"),
  ),
  rule(
    "node-22",
    "The package is built for and tested on Node 22, native parts and all.",
    "package.json, engines; Flex Consumption, supported languages",
    must(
      site,
      "properties.functionAppConfig.runtime",
      (value) => isRecord(value) && value["name"] === "node" && value["version"] === "22",
    ),
  ),
  rule(
    "linux-app",
    "Flex Consumption is Linux, and the package holds Linux binaries.",
    "Flex Consumption plan",
    must(site, "kind", "functionapp,linux"),
  ),
  rule(
    "package-by-identity",
    "A connection string for the package would need the account's keys, which are off.",
    "Flex Consumption, deployment storage",
    must(site, "properties.functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity"),
  ),
  rule(
    "user-assigned-identity",
    "Roles are assigned before the app exists, so that its first start finds them.",
    "Flex Consumption quickstarts",
    eachOf(site, (app) => (identitiesOf(app).length > 0 ? [] : ["has no user-assigned identity"])),
  ),
  rule(
    "vault-identity",
    "References to the vault are followed as the system-assigned identity unless another is named, and there is none.",
    "App Service, Key Vault references",
    must(site, "properties.keyVaultReferenceIdentity", (value, app) => {
      const its = identitiesOf(app);
      return its.length === 0 || its.includes(asText(value));
    }),
  ),
  rule(
    "durable-always-ready",
    "Without an instance that is awake, a job that waits is woken as late as the platform looks.",
    "Durable Functions, Azure Storage provider on Flex Consumption",
    must(site, `${scale}.alwaysReady`, (value) => Array.isArray(value) && value.some(isDurable)),
  ),
  rule(
    "scale-has-an-end",
    "An app without a limit spends one; above 1000 the platform refuses.",
    "Flex Consumption, scale and concurrency",
    must(site, `${scale}.maximumInstanceCount`, (value) => Number(value) >= 1 && Number(value) <= 1000),
  ),
  rule(
    "app-in-network",
    "What is closed to the public is closed to an app outside the network as well.",
    "Flex Consumption, virtual network integration",
    eachOf(site, ({ properties }, { isPrivate }) =>
      (textAt(properties, "virtualNetworkSubnetId") !== "") === isPrivate
        ? []
        : ["must be in a network exactly where private access is chosen"],
    ),
  ),
  rule(
    "service-tag",
    "By this tag azd finds where to deploy which service.",
    "Azure Developer CLI, azure.yaml",
    must(site, "tags.azd-service-name", (value) => typeof value === "string" && value !== ""),
  ),
  rule(
    "one-plan-per-app",
    "Flex Consumption takes one app to a plan.",
    "Flex Consumption plan",
    inEach((deployment) =>
      made(deployment, "Microsoft.Web/serverfarms").length === made(deployment, site).length
        ? []
        : ["each app needs a plan of its own"],
    ),
  ),
];

/** The settings of the app, by name. What only Azure knows is an expression in brackets. */
export function settingsOf(deployment: Deployment): Record<string, string> {
  const [found] = made(deployment, `${site}/config`).filter(({ name }) => name.endsWith("/appsettings"));
  const settings = isRecord(found?.properties) ? found.properties : {};
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, asText(value)]));
}

/** Whose identity an expression names: the Functions host's, the code's own, or the event topic's. */
export function holderOf(expression: string): "host" | "data" | "topic" | undefined {
  const [, holder] = /\/userAssignedIdentities\/id-(host|data)-\w+'/.exec(expression) ?? [];
  if (holder === "host" || holder === "data") return holder;
  return expression.includes("/systemTopics/") ? "topic" : undefined;
}
