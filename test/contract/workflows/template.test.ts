import { describe, expect, it } from "vitest";
import {
  checkParameters,
  checkResources,
  checkSecurity,
  secretsIn,
} from "../../../scripts/connector/flows/check/template.ts";
import {
  mainTemplate,
  type Resource,
  Templates,
  workflowTemplate,
} from "../../../scripts/connector/flows/template.ts";
import { type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import { about } from "../../../scripts/connector/about.ts";
import { committed } from "../../support/connector-package.ts";
import { expectCaught } from "../../support/connector-defects.ts";
import { templatesWith } from "../../support/workflows.ts";

const serviceUrl = "https://darkroom.azurewebsites.net";
const key = { serviceUrl, authMode: "key", apiKey: "not-a-key" };
const entra = {
  serviceUrl,
  authMode: "entra",
  clientId: "C",
  clientSecret: "not-a-secret",
  resourceUri: "api://d",
};
const templates = new Templates();
const deployed = (given: JsonObject, from = templates) => from.resources(mainTemplate, given);
const propertiesOf = (resource: Resource | undefined) => objectAt(resource?.body, "properties");

describe("the template of the connector", () => {
  it("asks in words, and hides what is secret", () => {
    for (const path of [mainTemplate, workflowTemplate])
      expect(checkParameters(templates.file(path))).toEqual([]);
  });

  it("asks for little: the address of Darkroom, and nothing else", () => {
    const required = templates.file(mainTemplate).parameters.filter(({ value }) => value === undefined);
    expect(required.map(({ name }) => name)).toEqual(["serviceUrl"]);
  });

  it.each([
    ["key", key],
    ["entra", entra],
    ["no key yet", { serviceUrl }],
  ])("deploys what the services take: %s", (_, given) => {
    const resources = deployed(given);
    expect(checkResources(resources)).toEqual([]);
    expect(checkSecurity(resources)).toEqual([]);
    expect(resources.map(({ type }) => type)).toEqual([
      "Microsoft.Web/customApis",
      "Microsoft.Web/connections",
    ]);
    const swagger = objectAt(propertiesOf(resources[0]), "swagger");
    expect(swagger["paths"]).toEqual(committed("apiDefinition.swagger.json")["paths"]);
    expect(swagger["host"]).toBe("darkroom.azurewebsites.net");
  });

  it("takes the address with the base path, too, and has the brand's colour", () => {
    const properties = propertiesOf(deployed({ ...key, serviceUrl: `${serviceUrl}/api/connector` })[0]);
    expect(objectAt(properties, "backendService")["serviceUrl"]).toBe(`${serviceUrl}/api/connector`);
    expect(properties["brandColor"]).toBe(about.brandColor);
  });

  it("keeps the key in the connection alone", () => {
    expect(secretsIn(deployed(key), "not-a-key")).toEqual([]);
    expect(JSON.stringify(deployed(key))).toContain("not-a-key");
    expect(secretsIn(deployed(entra), "not-a-secret")).toEqual(["connector"]);
  });

  it("tells what workflows need: the connector, the connection, its name", () => {
    const outputs = templates.file(mainTemplate).outputs.map(({ name }) => name);
    expect(outputs).toEqual(["apiId", "connectionId", "connectionName"]);
  });

  it("deploys samples that the service takes, over fixed connections", () => {
    const resources = deployed({ ...key, deploySamples: true });
    expect(checkResources(resources)).toEqual([]);
    expect(resources).toHaveLength(4);
  });
});

describe("caught in the template", () => {
  it.each<[string, string, string, string]>([
    ["resource-schema:enum", "a kind of service that there is not", "apiType: 'Rest'", "apiType: 'REST'"],
    ["resource-schema:enum", "a parameter of type secret", "type: 'securestring'", "type: 'secret'"],
    [
      "resource-schema:additionalProperties",
      "policies, which are taken and forgotten",
      "capabilities: []",
      "capabilities: []\n    policyTemplateInstances: []",
    ],
    [
      "resource-schema:additionalProperties",
      "two ways to connect, which one product knows",
      "capabilities: []",
      "capabilities: []\n    connectionParameterSets: {}",
    ],
    ["resource-schema:const", "a key that is typed in the open", "clearText: false", "clearText: true"],
    [
      "resource-schema:pattern",
      "plain http",
      "serviceUrl: backend",
      "serviceUrl: 'http://darkroom.example.com'",
    ],
    ["resource-schema:not", "everybody's colour", "'#8C1C13'", "'#007ee5'"],
    [
      "resource-schema:pattern",
      "a connection to another connector",
      "id: connector.id\n    }\n    // Without",
      "id: 'office365'\n    }\n    // Without",
    ],
    ["resource-schema:required", "no definition", "swagger: shallowMerge(", "runtimeUrls: shallowMerge("],
    [
      "resource-schema:additionalProperties",
      "values under a name of another version",
      "parameterValues:",
      "parameterValueSet:",
    ],
    [
      "template:resource-type",
      "a version that there is not",
      "connections@2016-06-01' = {",
      "connections@2018-07-01-preview' = {",
    ],
    [
      "template:security",
      "a key that nobody is asked for",
      "authMode == 'key' ? keyParameters",
      "authMode != 'key' ? keyParameters",
    ],
    ["template:service-url", "calls without the base path", "serviceUrl: backend", "serviceUrl: serviceUrl"],
  ])("%s: %s", async (rule, _, piece, other) => {
    const resources = deployed(key, templatesWith(mainTemplate, piece, other));
    await expectCaught(rule, [...checkResources(resources), ...checkSecurity(resources)]);
  });

  it.each([
    ["template:secure", "@secure()\nparam apiKey", "param apiKey"],
    [
      "template:description",
      "@description('Region of the connector. Workflows find connectors of their own region only.')\n",
      "",
    ],
  ])("%s", async (rule, piece, other) => {
    await expectCaught(rule, checkParameters(templatesWith(mainTemplate, piece, other).file(mainTemplate)));
  });

  it("resource-schema:required: a workflow without connections", async () => {
    const damaged = templatesWith(workflowTemplate, "'$connections': {", "connections: {");
    const resources = deployed({ ...key, deploySamples: true }, damaged);
    await expectCaught("resource-schema:required", checkResources(resources));
  });

  it("what can't be worked out: a function, a file, a sentence", () => {
    const broken = (piece: string, other: string) => () =>
      deployed(key, templatesWith(mainTemplate, piece, other));
    expect(broken("shallowMerge(", "deepMerge(")).toThrow("deepMerge");
    expect(broken("apiDefinition.swagger.json", "apiDefinition.json")).toThrow("no file");
    expect(broken("targetScope =", "targetScope")).toThrow();
  });
});
