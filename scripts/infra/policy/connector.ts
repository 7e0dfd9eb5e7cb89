import { compiled, misfits } from "../../connector/check/misfits.ts";
import { resourceSchemas } from "../../connector/flows/check/resource-schema.ts";
import type { Json, JsonObject, Resource } from "../deployments.ts";
import { isRecord, rule, type Rule, textAt, textOf, valueAt, type World } from "./rule.ts";

const schemas = new Map(Object.entries(resourceSchemas).map(([type, schema]) => [type, compiled(schema)]));
const ours = /^Microsoft\.(Web\/(customApis|connections)|Logic\/workflows)$/;

/** Resources of the connector's templates, wherever they are deployed. */
const eachResource =
  (check: (resource: Resource, world: World) => string[]): Rule["check"] =>
  (world) =>
    world.deployments.flatMap(({ name, predictedResources }) =>
      predictedResources
        .filter(({ type }) => ours.test(type))
        .flatMap((each) => check(each, world).map((complaint) => `${name}: ${each.name}: ${complaint}`)),
    );

/** Where the connector is deployed by itself: there its address is known. */
const eachAlone = ({ deployments, tree }: World, check: (resource: Resource) => string[]) =>
  eachResource(check)({ deployments: deployments.filter(({ isMain }) => !isMain), tree });

const eachConnector = (check: (properties: Json | undefined, world: World) => string[]) =>
  eachResource(({ type, properties }, world) =>
    type === "Microsoft.Web/customApis" ? check(properties, world) : [],
  );

/** A property of null is one that isn't sent. */
function withoutNull(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNull(inner)]])),
  );
}

/** What is sent of a resource: its address is the request's. What is chosen by a secret, nobody can predict. */
function bodyOf({ name, location, tags, properties }: Resource): JsonObject {
  const { parameterValues, ...rest } = isRecord(properties) ? properties : {};
  const isKnown = isRecord(parameterValues);
  const sent = { ...rest, ...(isKnown ? { parameterValues } : {}) };
  return { name, ...(location && { location }), ...(tags && { tags }), properties: withoutNull(sent) };
}

const secret = /parameters\('(apiKey|clientSecret)'\)/;

export const connectorRules: Rule[] = [
  rule(
    "connector-types",
    "What isn't known here has been judged by nobody.",
    "scripts/connector/flows/check/resource-schema.ts",
    eachResource(({ type, apiVersion }) =>
      schemas.has(`${type}@${apiVersion}`) ? [] : [`${type}@${apiVersion} isn't known here`],
    ),
  ),
  rule(
    "connector-fits",
    "The published types let pass what the service takes and forgets.",
    "scripts/connector/flows/check/resource-schema.ts",
    (world) =>
      eachAlone(world, (resource) => {
        const fits = schemas.get(`${resource.type}@${resource.apiVersion}`);
        if (!fits) return [];
        return misfits("schema", fits, bodyOf(resource)).map(({ place, message }) => `${place} ${message}`);
      }),
  ),
  rule(
    "connector-security",
    "A connection asks for what its connector's definition wants to be told, or nobody is ever asked for it.",
    "Logic Apps, custom connectors: connection parameters",
    eachConnector((properties) => {
      const schemes = Object.values(valueAt(properties, "swagger.securityDefinitions") ?? {});
      const asked = Object.values(valueAt(properties, "connectionParameters") ?? {}).map((each) =>
        textAt(each, "type"),
      );
      return schemes
        .map((scheme) => (textAt(scheme, "type") === "apiKey" ? "securestring" : "oauthSetting"))
        .filter((wanted) => !asked.includes(wanted))
        .map((wanted) => `wants ${wanted} and asks for ${asked.join()}`);
    }),
  ),
  rule(
    "connector-service-url",
    "Calls go to the service's address, whatever the definition says.",
    "Logic Apps, custom connectors: backendService",
    eachConnector((properties) => {
      const service = textAt(properties, "backendService.serviceUrl");
      const said = `https://${textAt(properties, "swagger.host")}${textAt(properties, "swagger.basePath")}`;
      // Within main.bicep only Azure knows the app's address.
      const isKnown = service.startsWith("https://") && valueAt(properties, "swagger") !== undefined;
      return !isKnown || service === said ? [] : [`is at ${service} and says ${said}`];
    }),
  ),
  rule(
    "connector-current",
    "A connector of an older definition calls what the app no longer answers.",
    "connector/apiDefinition.swagger.json",
    eachConnector((properties, world) => {
      const definition: unknown = JSON.parse(textOf(world, "connector/apiDefinition.swagger.json") || "{}");
      const paths = JSON.stringify(valueAt(definition, "paths"));
      const given = valueAt(properties, "swagger.paths");
      return given === undefined || JSON.stringify(given) === paths
        ? []
        : ["has another definition than the committed one"];
    }),
  ),
  rule(
    "connector-secrets",
    "Anyone who may read a resource reads all that it was given, but a connection's values.",
    "Logic Apps, API connections",
    eachResource(({ type, properties }) => {
      if (type === "Microsoft.Web/connections") return [];
      const shown = isRecord(properties) ? { ...properties } : {};
      // What an app registration signs in with is held by the connector: there is no other place for it.
      if (type === "Microsoft.Web/customApis") delete shown["connectionParameters"];
      return secret.test(JSON.stringify(shown)) ? ["shows a secret"] : [];
    }),
  ),
  rule(
    "samples-asleep",
    "One runs by the clock, one by every file; each run costs images.",
    "docs/decisions/2026-11-21-connector-workflows.md",
    eachResource(({ type, properties }) =>
      type !== "Microsoft.Logic/workflows" || valueAt(properties, "state") === "Disabled"
        ? []
        : ["must wait until somebody turns it on"],
    ),
  ),
];
