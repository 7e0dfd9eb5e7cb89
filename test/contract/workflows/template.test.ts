import { describe, expect, it } from "vitest";
import {
  checkParameters,
  checkResources,
  checkSecurity,
  secretsIn,
} from "../../../scripts/connector/flows/check/template.ts";
import { objectAt, textAt } from "../../../scripts/connector/json.ts";
import { about } from "../../../scripts/connector/about.ts";
import { committed } from "../../support/connector-package.ts";
import { expectCaught } from "../../support/connector-defects.ts";
import { sample, templateWith } from "../../support/workflows.ts";

const serviceUrl = "https://darkroom.azurewebsites.net";
const key = { serviceUrl, authMode: "key", apiKey: "not-a-key" };
const entra = {
  serviceUrl,
  authMode: "entra",
  clientId: "C",
  clientSecret: "not-a-secret",
  resourceUri: "api://d",
};
const workflow = {
  name: "w",
  definition: sample("catch-a-refusal"),
  connections: { darkroom: { id: "I", connectionId: "C", connectionName: "N" } },
};

describe("the template of the connector", () => {
  it("asks in words, and hides what is secret", async () => {
    for (const name of ["main.bicep", "workflow.bicep"])
      expect(checkParameters(await templateWith(name))).toEqual([]);
  });

  it("asks for little: the address of Darkroom, and nothing else", async () => {
    const required = (await templateWith("main.bicep")).parameters().filter(({ isRequired }) => isRequired);
    expect(required.map(({ name }) => name)).toEqual(["serviceUrl"]);
  });

  it.each([
    ["key", key],
    ["entra", entra],
    ["no key yet", { serviceUrl }],
  ])("deploys what the services take: %s", async (_, given) => {
    const resources = (await templateWith("main.bicep")).resources(given);
    expect(checkResources(resources)).toEqual([]);
    expect(checkSecurity(resources)).toEqual([]);
    expect(resources.map(({ type }) => type)).toEqual([
      "Microsoft.Web/customApis",
      "Microsoft.Web/connections",
    ]);
    const [connector] = resources;
    const swagger = objectAt(objectAt(connector?.body, "properties"), "swagger");
    expect(swagger["paths"]).toEqual(committed("apiDefinition.swagger.json")["paths"]);
    expect(swagger["host"]).toBe("darkroom.azurewebsites.net");
  });

  it("takes the address with the base path, too", async () => {
    const template = await templateWith("main.bicep");
    const [connector] = template.resources({ ...key, serviceUrl: `${serviceUrl}/api/connector` });
    const properties = objectAt(connector?.body, "properties");
    expect(objectAt(properties, "backendService")["serviceUrl"]).toBe(`${serviceUrl}/api/connector`);
    expect(textAt(properties, "brandColor")).toBe(about.brandColor);
  });

  it("keeps the key in the connection alone", async () => {
    const template = await templateWith("main.bicep");
    expect(secretsIn(template.resources(key), "not-a-key")).toEqual([]);
    expect(JSON.stringify(template.resources(key))).toContain("not-a-key");
    expect(secretsIn(template.resources(entra), "not-a-secret")).toEqual(["connector"]);
  });

  it("tells what workflows need: the connector, the connection, its name", async () => {
    expect((await templateWith("main.bicep")).outputs()).toEqual(["apiId", "connectionId", "connectionName"]);
  });

  it("deploys workflows asleep, with fixed connections", async () => {
    const resources = (await templateWith("workflow.bicep")).resources(workflow);
    expect(checkResources(resources)).toEqual([]);
    expect(objectAt(resources[0]?.body, "properties")["state"]).toBe("Disabled");
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
    const resources = (await templateWith("main.bicep", piece, other)).resources(key);
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
    await expectCaught(rule, checkParameters(await templateWith("main.bicep", piece, other)));
  });

  it("resource-schema:required: a workflow without connections", async () => {
    const template = await templateWith("workflow.bicep", "'$connections': {", "connections: {");
    await expectCaught("resource-schema:required", checkResources(template.resources(workflow)));
  });

  it("a template that isn't one", async () => {
    await expect(templateWith("main.bicep", "targetScope =", "targetScope")).rejects.toThrow("no template");
  });
});
