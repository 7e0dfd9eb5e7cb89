import { type Finding, findingsOf, when } from "../../check/finding.ts";
import { compiled, misfits } from "../../check/misfits.ts";
import { type JsonObject, objectAt, textAt } from "../../json.ts";
import type { BicepFile } from "../../../infra/bicep/syntax.ts";
import { decorated } from "../../../infra/check/policy/bicep-files.ts";
import type { Resource } from "../template.ts";
import { resourceSchemas } from "./resource-schema.ts";

const shapes = new Map(Object.entries(resourceSchemas).map(([type, schema]) => [type, compiled(schema)]));

const finding = findingsOf("template");

/** Parameters that people can fill in without reading the template, and of which none that is a secret is shown. */
export function checkParameters({ parameters }: BicepFile): Finding[] {
  return parameters.flatMap((parameter) => {
    const { name } = parameter;
    return [
      ...when(!decorated(parameter, "description"), finding("description", name, "isn't described")),
      ...when(
        !decorated(parameter, "secure") && /(key|secret|password|token)$/i.test(name),
        finding("secure", name, "is a secret that deployments would show"),
      ),
    ];
  });
}

/** What would be deployed, against what the services take. They take more in silence than they heed. */
export function checkResources(resources: Resource[]): Finding[] {
  return resources.flatMap(({ symbol, type, apiVersion, body }) => {
    const fits = shapes.get(`${type}@${apiVersion}`);
    if (!fits)
      return [finding("resource-type", symbol, `is of ${type}@${apiVersion}, which isn't known here`)];
    return misfits("resource-schema", fits, body).map((found) => ({
      ...found,
      place: `${symbol}${found.place}`,
    }));
  });
}

/** A connection asks for what its connector's definition wants to be told, or nobody is ever asked for it. */
export function checkSecurity(resources: Resource[]): Finding[] {
  return resources
    .filter(({ type }) => type === "Microsoft.Web/customApis")
    .flatMap(({ symbol, body }) => {
      const properties = objectAt(body, "properties");
      const swagger = objectAt(properties, "swagger");
      const schemes = Object.values(objectAt(swagger, "securityDefinitions"));
      const asked = Object.values(objectAt(properties, "connectionParameters")).map((one) =>
        textAt(one, "type"),
      );
      const wanted = schemes.map((scheme) =>
        textAt(scheme, "type") === "apiKey" ? "securestring" : "oauthSetting",
      );
      const service = textAt(objectAt(properties, "backendService"), "serviceUrl") ?? "";
      const address = `https://${textAt(swagger, "host") ?? ""}${textAt(swagger, "basePath") ?? ""}`;
      return [
        ...when(
          !wanted.every((type) => asked.includes(type)),
          finding("security", symbol, `wants ${wanted.join()} and asks for ${asked.join()}`),
        ),
        ...when(service !== address, finding("service-url", symbol, `is at ${service} and says ${address}`)),
      ];
    });
}

export const secretsIn = (resources: Resource[], secret: string): string[] =>
  resources
    .filter(({ type, body }) => JSON.stringify(holding(type, body)).includes(secret))
    .map(({ symbol }) => symbol);

/** A connection's parameter values are the one place that is made for a secret. */
function holding(type: string, body: JsonObject): JsonObject {
  if (type !== "Microsoft.Web/connections") return body;
  const { parameterValues, ...rest } = objectAt(body, "properties");
  return parameterValues === undefined ? body : { ...body, properties: rest };
}
