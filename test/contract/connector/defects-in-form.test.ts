import { describe, it } from "vitest";
import { checkHouseRules } from "../../../scripts/connector/check/house-rules.ts";
import { checkParsers } from "../../../scripts/connector/check/parsers.ts";
import { checkDefinitionShape } from "../../../scripts/connector/check/shapes.ts";
import {
  type Defect,
  damaged,
  expectCaught,
  at,
  generate,
  jobs,
  job,
  trigger,
  named,
  field,
  put,
  drop,
  firstParameter,
  listIn,
} from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";

/** Defects that other connectors really have, sown one at a time: each is caught, by the rule that is there for it. */

const definition = committed("apiDefinition.swagger.json");

describe("caught by the parsers", () => {
  it.each<[string, string, Defect]>([
    ["swagger-parser", "a reference that leads nowhere", (d) => drop(d["definitions"], "ImageResult")],
    ["swagger-parser", "a path parameter that isn't declared", (d) => put(job(d), { parameters: [] })],
    ["redocly:struct", "a version of another standard within", (d) => put(generate(d), { requestBody: {} })],
    [
      "redocly:no-unresolved-refs",
      "a body of no known name",
      (d) => drop(d["definitions"], "EditImageRequest"),
    ],
  ])("%s: %s", async (rule, _, defect) => {
    await expectCaught(rule, checkParsers(damaged(definition, defect)));
  });
});

describe("caught by the schema of definitions", () => {
  it.each<[string, string, Defect]>([
    [
      "additionalProperties",
      "a misspelt extension",
      (d) => put(field(d, "GenerateImageRequest", "prompt"), { "x-ms-visibilty": "important" }),
    ],
    ["enum", "a visibility that there is not", (d) => put(job(d), { "x-ms-visibility": "hidden" })],
    ["pattern", "a host with a scheme", (d) => put(d, { host: "https://darkroom.example.com" })],
    ["const", "plain http", (d) => put(d, { schemes: ["http"] })],
    ["enum", "a trigger of no kind", (d) => put(trigger(d), { "x-ms-trigger": "polling" })],
    [
      "const",
      "a key in the query, where logs show it",
      (d) => put(d["securityDefinitions"]!["apiKey"], { in: "query" }),
    ],
    [
      "contains",
      "no privacy policy",
      (d) => put(d, { "x-ms-connector-metadata": listIn(d, "x-ms-connector-metadata").slice(0, 1) }),
    ],
    ["enum", "a union of types", (d) => put(field(d, "ImageJob", "model"), { type: ["string", "null"] })],
    [
      "additionalProperties",
      "a form within a field, which is not read",
      (d) =>
        put(field(d, "GenerateImageRequest", "prompt"), {
          "x-ms-dynamic-schema": { operationId: "GetModelParameters" },
        }),
    ],
    [
      "enum",
      "a format that designers don't know",
      (d) => put(field(d, "ResultImage", "contentBytes"), { format: "base64" }),
    ],
  ])("%s: %s", async (rule, _, defect) => {
    await expectCaught(`definition-schema:${rule}`, checkDefinitionShape(damaged(definition, defect)));
  });
});

describe("caught by the house rules", () => {
  it.each<[string, string, Defect]>([
    ["oas2-schema", "an answer without words", (d) => drop(jobs(d)["responses"]!["200"], "description")],
    [
      "path-params",
      "a path parameter under another name",
      (d) => put(firstParameter(job(d)), { name: "id" }),
    ],
    ["operation-operationId", "an operation without a name", (d) => drop(jobs(d), "operationId")],
    ["title-words", "a title that says what it is", (d) => put(d["info"], { title: "Darkroom API" })],
    ["info", "a title that is too long", (d) => put(d["info"], { title: "Darkroom".repeat(5) })],
    ["info", "a description that says nothing", (d) => put(d["info"], { description: "Images." })],
    ["info", "nobody to ask", (d) => drop(d["info"], "contact")],
    [
      "info-words",
      "a product's name in the description",
      (d) => put(d["info"], { description: "Makes images for Power Automate and keeps them." }),
    ],
    ["metadata", "no metadata", (d) => drop(d, "x-ms-connector-metadata")],
    ["metadata", "no security, so nobody is asked for a key", (d) => drop(d, "security")],
    ["operation-id", "an id with an underscore", (d) => put(generate(d), { operationId: "Generate_Image" })],
    [
      "operation-text",
      "an operation without parameters",
      (d) => drop(at(d, "/connection", "get"), "parameters"),
    ],
    ["operation-summary", "a slash in a summary", (d) => put(jobs(d), { summary: "List jobs/images" })],
    ["operation-summary", "a full stop after a summary", (d) => put(jobs(d), { summary: "List jobs." })],
    ["full-stop", "a description without a full stop", (d) => put(jobs(d), { description: "Lists jobs" })],
    ["parameter-text", "a parameter without a title", (d) => drop(firstParameter(job(d)), "x-ms-summary")],
    [
      "internal-default",
      "an internal parameter that nobody can fill in",
      (d) => put(firstParameter(jobs(d)), { "x-ms-visibility": "internal", required: true }),
    ],
    [
      "body-visible",
      "a whole body that is hidden",
      (d) => put(generate(d)["parameters"]!["1"], { "x-ms-visibility": "internal" }),
    ],
    ["no-path-parameters", "parameters of a path", (d) => put(d["paths"]!["/jobs"], { parameters: [] })],
    [
      "default-bare",
      "a schema of the default answer",
      (d) => put(jobs(d)["responses"]!["default"], { schema: { type: "object" } }),
    ],
    ["success", "no answer but 202", (d) => drop(generate(d)["responses"], "200")],
    [
      "accepted",
      "202 without Location",
      (d) => drop(generate(d)["responses"]!["202"]!["headers"], "Location"),
    ],
    ["throttled", "429 without Retry-After", (d) => drop(generate(d)["responses"]!["429"], "headers")],
    [
      "hook",
      "a read on a path where hooks are subscribed",
      (d) => put(d["paths"]!["/jobs"], { "x-ms-notification-content": { schema: { type: "object" } } }),
    ],
    [
      "hook-url",
      "a callback address that users see",
      (d) => put(field(d, "GenerateImageRequest", "user"), { "x-ms-notification-url": true }),
    ],
    [
      "flat",
      "a map, of which nothing is told",
      (d) => put(named(d, "ImageJob"), { additionalProperties: true }),
    ],
    [
      "flat",
      "a composition, which is not understood",
      (d) => put(named(d, "ImageLink"), { allOf: [{ type: "object" }] }),
    ],
    [
      "operation-operationId-unique",
      "a name for two operations",
      (d) => put(jobs(d), { operationId: "GetImageJob" }),
    ],
    [
      "oas2-operation-security-defined",
      "a way to sign in that is not described",
      (d) => put(d, { security: [{ entra: [] }] }),
    ],
  ])("%s: %s", async (rule, _, defect) => {
    await expectCaught(`house:${rule}`, checkHouseRules(damaged(definition, defect)));
  });
});
