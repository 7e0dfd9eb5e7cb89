import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { type Finding, findingsOf, when } from "./finding.ts";
import { operationsOf } from "./walk.ts";

/**
 * Every name by which the property file means a part of itself or of the definition: policies, the parameters they read,
 * and every way to connect, which asks for all it needs.
 */
export function checkPropertiesReferences(properties: JsonObject, definition: JsonObject): Finding[] {
  const inside = objectAt(properties, "properties");
  const sets = listAt(objectAt(inside, "connectionParameterSets"), "values").filter(isObject);
  const policies = listAt(inside, "policyTemplateInstances").filter(isObject);
  return [
    ...policies.flatMap((policy) => aboutPolicy(policy, sets, definition)),
    ...aboutKeyHeader(policies, definition),
    ...sets.flatMap(aboutSet),
  ];
}

const finding = findingsOf("references");
const parameterOf = (policy: JsonObject, name: string) =>
  textAt(objectAt(policy, "parameters"), `x-ms-apimTemplateParameter.${name}`) ?? "";

function aboutPolicy(policy: JsonObject, sets: JsonObject[], definition: JsonObject): Finding[] {
  const place = textAt(policy, "templateId") ?? "?";
  const known = operationsOf(definition).map((found) => found.place);
  const named = listAt(objectAt(policy, "parameters"), "x-ms-apimTemplate-operationName").map(String);
  const strangers = named.filter((name) => !known.includes(name));
  const missing = named.length > 0 ? known.filter((name) => !named.includes(name)) : [];
  const basePath = textAt(definition, "basePath") ?? "";
  const read = [...JSON.stringify(policy).matchAll(/@connectionParameters\('([^']*)'/g)].map(
    ([, name]) => name,
  );
  const unknown = read.filter((name) => !sets.some((set) => (name ?? "") in objectAt(set, "parameters")));
  return [
    ...strangers.map((name) => finding("policy-operation", place, `names ${name}, which there is not`)),
    ...missing.map((name) => finding("policy-operation", place, `leaves out ${name}`)),
    ...unknown.map((name) =>
      finding("policy-parameter", place, `reads ${name ?? ""}, which no connection has`),
    ),
    // Connectors that work spell it out: the template stands in for the base path as well as for the host.
    ...when(
      place === "dynamichosturl" && !parameterOf(policy, "urlTemplate").endsWith(basePath),
      finding("policy-base-path", place, `leaves out ${basePath}`),
    ),
  ];
}

function aboutKeyHeader(policies: JsonObject[], definition: JsonObject): Finding[] {
  const header = textAt(objectAt(objectAt(definition, "securityDefinitions"), "apiKey"), "name");
  const isSent = policies.some(
    (policy) => policy["templateId"] === "setheader" && parameterOf(policy, "name") === header,
  );
  return when(!isSent, finding("policy-header", "setheader", `sends no ${header ?? "key"}`));
}

function aboutSet(set: JsonObject): Finding[] {
  const parameters = objectAt(set, "parameters");
  return Object.entries(parameters).flatMap(([name, parameter]) => {
    const place = `${textAt(set, "name") ?? "?"}.${name}`;
    const constraints = constraintsOf(parameter);
    const isAsked = constraints["required"] === "true" || constraints["hidden"] === "true";
    return [
      ...when(
        !isAsked,
        finding("set-required", place, "isn't required, though the connection doesn't work without it"),
      ),
      ...aboutSignIn(place, parameter, parameters[`${name}:TenantId`]),
    ];
  });
}

function aboutSignIn(place: string, parameter: Json, tenant: Json | undefined): Finding[] {
  const settings = objectAt(parameter, "oAuthSettings");
  if (settings["identityProvider"] !== "aad") return [];
  const asked = textAt(objectAt(objectAt(settings, "customParameters"), "resourceUri"), "value");
  const declared = textAt(objectAt(settings, "properties"), "AzureActiveDirectoryResourceId");
  return [
    ...when(
      asked !== declared,
      finding("entra-resource", place, `asks for ${asked ?? ""} and says that it is ${declared ?? ""}`),
    ),
    ...when(
      tenant === undefined || constraintsOf(tenant)["hidden"] !== "true",
      finding("entra-tenant", place, "has no hidden parameter for the tenant of who signs in"),
    ),
  ];
}

const constraintsOf = (parameter: Json) => objectAt(objectAt(parameter, "uiDefinition"), "constraints");
