import spectralCore from "@stoplight/spectral-core";
import * as functions from "@stoplight/spectral-functions";
import { oas } from "@stoplight/spectral-rulesets";
import type { JsonObject } from "../json.ts";
import type { Finding } from "./finding.ts";

/**
 * The house rules, run by Spectral: what the closed validators of both products refuse, as reviews of other connectors
 * have shown, and the shapes that their designers need. Spectral reads the resolved document, so rules follow references.
 */

const { Ruleset, Spectral } = spectralCore;
const { defined, length, pattern, schema, truthy, undefined: absent } = functions;

const operation = "$.paths[*][get,post,put,patch,delete]";
const each = (path: string) => `${operation}${path}`;
const must = (field: string) => ({ field, function: truthy });
const may = (field: string) => ({ field, function: absent });
const matches = (match: string) => ({ function: pattern, functionOptions: { match } });
const avoids = (notMatch: string) => ({ function: pattern, functionOptions: { notMatch } });
const rule = (given: string, then: object | object[]) => ({ severity: "error", given, then });

const rules = {
  info: rule("$.info", [
    must("contact"),
    { field: "title", function: length, functionOptions: { max: 30 } },
    { field: "description", function: length, functionOptions: { min: 30, max: 500 } },
  ]),
  "title-words": rule("$.info.title", avoids("/\\b(api|connector)\\b/i")),
  "info-words": rule(
    "$.info[title,description]",
    avoids("/\\b(power apps|power automate|logic apps|copilot studio)\\b/i"),
  ),
  metadata: rule("$", [
    must("x-ms-connector-metadata"),
    must("host"),
    must("schemes"),
    must("securityDefinitions"),
    must("security"),
  ]),
  "operation-id": rule(each(".operationId"), matches("^[A-Z][A-Za-z0-9]*$")),
  "operation-text": rule(operation, [
    must("summary"),
    must("description"),
    { field: "parameters", function: defined },
  ]),
  "operation-summary": rule(each(".summary"), [
    { function: length, functionOptions: { max: 80 } },
    avoids("[/\\\\<>*%&?]"),
    matches("[A-Za-z0-9)]$"),
  ]),
  "full-stop": rule(each(".description"), matches("\\.$")),
  "parameter-text": rule(each(".parameters[?(@.in != 'body' && !@.$ref)]"), [
    must("x-ms-summary"),
    must("description"),
  ]),
  "internal-default": rule(
    each(
      ".parameters[?(@.in != 'body' && @.in != 'path' && @['x-ms-visibility'] == 'internal' && @.required == true)]",
    ),
    { field: "default", function: defined },
  ),
  "body-visible": rule(each(".parameters[?(@.in == 'body')]"), [
    { field: "x-ms-visibility", ...avoids("internal") },
    { field: "schema.x-ms-visibility", ...avoids("internal") },
  ]),
  "no-path-parameters": rule("$.paths[*]", may("parameters")),
  "default-bare": rule(each(".responses.default"), may("schema")),
  success: rule(each(".responses"), {
    function: schema,
    functionOptions: {
      schema: { anyOf: [{ required: ["200"] }, { required: ["201"] }, { required: ["204"] }] },
    },
  }),
  accepted: rule(each(".responses[202]"), [must("headers.Location"), must("headers.Retry-After")]),
  throttled: rule(each(".responses[429]"), must("headers.Retry-After")),
  hook: rule("$.paths[?(@ && @['x-ms-notification-content'])]", [
    must("post"),
    ...["get", "put", "patch", "delete"].map(may),
    must("x-ms-notification-content.schema"),
    must("post.responses.201.headers.Location"),
  ]),
  // A pattern alone has nothing against a field that isn't there.
  "hook-url": rule("$..[?(@ && @['x-ms-notification-url'] == true)]", [
    must("x-ms-visibility"),
    { field: "x-ms-visibility", ...matches("^internal$") },
  ]),
  flat: rule(
    "$..[?(@ && (@.properties || @.type == 'object' || @.allOf || @.oneOf || @.anyOf))]",
    ["allOf", "oneOf", "anyOf", "additionalProperties"].map(may),
  ),
};

const usual = [
  "oas2-schema",
  "path-params",
  "operation-operationId",
  "operation-operationId-unique",
  "oas2-operation-security-defined",
];

const spectral = new Spectral();
spectral.setRuleset(
  new Ruleset({
    extends: [[oas, "off"]],
    rules: { ...Object.fromEntries(usual.map((name) => [name, "error"])), ...rules },
  }),
);

export async function checkHouseRules(definition: JsonObject): Promise<Finding[]> {
  const results = await spectral.run(JSON.stringify(definition));
  return results.map(({ code, path, message }) => ({
    rule: `house:${code}`,
    place: path.join("."),
    message,
  }));
}
