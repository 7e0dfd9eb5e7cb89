import type { BicepFunction } from "./text-functions.ts";
import { asText, Unknown, type Value } from "./values.ts";

export const subscriptionId = "00000000-0000-0000-0000-000000000000";
export const subscriptionScope = `/subscriptions/${subscriptionId}`;
const tenantId = "11111111-1111-1111-1111-111111111111";

export function groupScope(name: string): string {
  return `${subscriptionScope}/resourceGroups/${name}`;
}

/** `Microsoft.Storage/storageAccounts/blobServices` and two names make `…/storageAccounts/one/blobServices/two`. */
export function resourceId(scope: string, type: string, names: string[]): string {
  const [provider = "", ...kinds] = type.split("/");
  const pairs = kinds.map((kind, at) => `${kind}/${names[at] ?? "?"}`).join("/");
  return `${scope}/providers/${provider}/${pairs}`;
}

function identified(scope: string, values: Value[]): string {
  const texts = values.map(asText);
  const at = texts.findIndex((text) => text.includes("/") && !text.startsWith("/"));
  // Before the type may stand a subscription and a group.
  const within = at === 0 ? scope : at === 1 ? groupScope(texts[0] ?? "") : groupScope(texts[1] ?? "");
  return resourceId(within, texts[at] ?? "", texts.slice(at + 1));
}

/** Functions that ask where something is deployed. `scope` is where this template is. */
export function azureFunctions(scope: string): Record<string, BicepFunction> {
  const group = (name: string): Value => ({
    id: groupScope(name),
    name,
    location: new Unknown("resourceGroup().location"),
    type: "Microsoft.Resources/resourceGroups",
    tags: {},
  });
  return {
    az: () => null,
    deployer: () => ({ objectId: new Unknown("deployer().objectId"), tenantId }),
    deployment: () => ({ name: "darkroom", properties: {}, location: new Unknown("deployment().location") }),
    environment: () => ({
      name: "AzureCloud",
      suffixes: {
        storage: "core.windows.net",
        keyvaultDns: ".vault.azure.net",
        sqlServerHostname: ".database.windows.net",
      },
      resourceManager: "https://management.azure.com/",
      authentication: { loginEndpoint: "https://login.microsoftonline.com/" },
      portal: "https://portal.azure.com",
    }),
    extensionResourceId: ([base, type, ...names]) =>
      resourceId(asText(base), asText(type), names.map(asText)),
    managementGroup: () => ({ id: "/providers/Microsoft.Management/managementGroups/{managementGroup}" }),
    reference: (values) => new Unknown(`reference(${values.map(asText).join(", ")})`),
    resourceGroup: (values) =>
      group(values.length === 0 ? (scope.split("/")[4] ?? "?") : asText(values.at(-1))),
    resourceId: (values) => identified(scope, values),
    subscription: () => ({ id: subscriptionScope, subscriptionId, tenantId, displayName: "{subscription}" }),
    subscriptionResourceId: (values) => {
      const texts = values.map(asText);
      const at = texts.findIndex((text) => text.includes("/"));
      return resourceId(subscriptionScope, texts[at] ?? "", texts.slice(at + 1));
    },
    tenant: () => ({ tenantId, id: "/" }),
    tenantResourceId: ([type, ...names]) => resourceId("", asText(type), names.map(asText)),
  };
}
