import { describe } from "vitest";
import { checkHouseRules } from "../../../scripts/connector/check/house-rules.ts";
import { checkParsers } from "../../../scripts/connector/check/parsers.ts";
import { checkDefinitionShape } from "../../../scripts/connector/check/shapes.ts";
import * as sow from "../../support/connector-defects.ts";

describe("caught by the parsers", () => {
  sow.catches("", checkParsers, [
    ["swagger-parser", "a reference that leads nowhere", (d) => sow.drop(d["definitions"], "ImageResult")],
    [
      "swagger-parser",
      "a path parameter that isn't declared",
      (d) => sow.put(sow.job(d), { parameters: [] }),
    ],
    [
      "redocly:struct",
      "a version of another standard within",
      (d) => sow.put(sow.generate(d), { requestBody: {} }),
    ],
    [
      "redocly:no-unresolved-refs",
      "a body of no known name",
      (d) => sow.drop(d["definitions"], "EditImageRequest"),
    ],
  ]);
});

describe("caught by the schema of definitions", () => {
  sow.catches("definition-schema", checkDefinitionShape, [
    [
      "additionalProperties",
      "a misspelt extension",
      (d) => sow.put(sow.field(d, "GenerateImageRequest", "prompt"), { "x-ms-visibilty": "important" }),
    ],
    ["enum", "a visibility that there is not", (d) => sow.put(sow.job(d), { "x-ms-visibility": "hidden" })],
    ["pattern", "a host with a scheme", (d) => sow.put(d, { host: "https://darkroom.example.com" })],
    ["const", "plain http", (d) => sow.put(d, { schemes: ["http"] })],
    ["enum", "a trigger of no kind", (d) => sow.put(sow.trigger(d), { "x-ms-trigger": "polling" })],
    [
      "const",
      "a key in the query, where logs show it",
      (d) => sow.put(d["securityDefinitions"]!["apiKey"], { in: "query" }),
    ],
    [
      "contains",
      "no privacy policy",
      (d) => sow.put(d, { "x-ms-connector-metadata": sow.listIn(d, "x-ms-connector-metadata").slice(0, 1) }),
    ],
    [
      "enum",
      "a union of types",
      (d) => sow.put(sow.field(d, "ImageJob", "model"), { type: ["string", "null"] }),
    ],
    [
      "additionalProperties",
      "a form within a field, which is not read",
      (d) =>
        sow.put(sow.field(d, "GenerateImageRequest", "prompt"), {
          "x-ms-dynamic-schema": { operationId: "GetModelParameters" },
        }),
    ],
    [
      "enum",
      "a format that designers don't know",
      (d) => sow.put(sow.field(d, "ResultImage", "contentBytes"), { format: "base64" }),
    ],
  ]);
});

describe("caught by the house rules", () => {
  sow.catches("house", checkHouseRules, [
    [
      "oas2-schema",
      "an answer without words",
      (d) => sow.drop(sow.jobs(d)["responses"]!["200"], "description"),
    ],
    [
      "path-params",
      "a path parameter under another name",
      (d) => sow.put(sow.firstParameter(sow.job(d)), { name: "id" }),
    ],
    ["operation-operationId", "an operation without a name", (d) => sow.drop(sow.jobs(d), "operationId")],
    ["title-words", "a title that says what it is", (d) => sow.put(d["info"], { title: "Darkroom API" })],
    ["info", "a title that is too long", (d) => sow.put(d["info"], { title: "Darkroom".repeat(5) })],
    ["info", "a description that says nothing", (d) => sow.put(d["info"], { description: "Images." })],
    ["info", "nobody to ask", (d) => sow.drop(d["info"], "contact")],
    [
      "info-words",
      "a product's name in the description",
      (d) => sow.put(d["info"], { description: "Makes images for Power Automate and keeps them." }),
    ],
    ["metadata", "no metadata", (d) => sow.drop(d, "x-ms-connector-metadata")],
    ["metadata", "no security, so nobody is asked for a key", (d) => sow.drop(d, "security")],
    [
      "operation-id",
      "an id with an underscore",
      (d) => sow.put(sow.generate(d), { operationId: "Generate_Image" }),
    ],
    [
      "operation-text",
      "an operation without parameters",
      (d) => sow.drop(sow.at(d, "/connection", "get"), "parameters"),
    ],
    [
      "operation-summary",
      "a slash in a summary",
      (d) => sow.put(sow.jobs(d), { summary: "List jobs/images" }),
    ],
    [
      "operation-summary",
      "a full stop after a summary",
      (d) => sow.put(sow.jobs(d), { summary: "List jobs." }),
    ],
    [
      "full-stop",
      "a description without a full stop",
      (d) => sow.put(sow.jobs(d), { description: "Lists jobs" }),
    ],
    [
      "parameter-text",
      "a parameter without a title",
      (d) => sow.drop(sow.firstParameter(sow.job(d)), "x-ms-summary"),
    ],
    [
      "internal-default",
      "an internal parameter that nobody can fill in",
      (d) => sow.put(sow.firstParameter(sow.jobs(d)), { "x-ms-visibility": "internal", required: true }),
    ],
    [
      "body-visible",
      "a whole body that is hidden",
      (d) => sow.put(sow.generate(d)["parameters"]!["1"], { "x-ms-visibility": "internal" }),
    ],
    ["no-path-parameters", "parameters of a path", (d) => sow.put(d["paths"]!["/jobs"], { parameters: [] })],
    [
      "default-bare",
      "a schema of the default answer",
      (d) => sow.put(sow.jobs(d)["responses"]!["default"], { schema: { type: "object" } }),
    ],
    ["success", "no answer but 202", (d) => sow.drop(sow.generate(d)["responses"], "200")],
    [
      "accepted",
      "202 without Location",
      (d) => sow.drop(sow.generate(d)["responses"]!["202"]!["headers"], "Location"),
    ],
    [
      "throttled",
      "429 without Retry-After",
      (d) => sow.drop(sow.generate(d)["responses"]!["429"], "headers"),
    ],
    [
      "hook",
      "a read on a path where hooks are subscribed",
      (d) => sow.put(d["paths"]!["/jobs"], { "x-ms-notification-content": { schema: { type: "object" } } }),
    ],
    [
      "hook-url",
      "a callback address that users see",
      (d) => sow.put(sow.field(d, "GenerateImageRequest", "user"), { "x-ms-notification-url": true }),
    ],
    [
      "flat",
      "a map, of which nothing is told",
      (d) => sow.put(sow.named(d, "ImageJob"), { additionalProperties: true }),
    ],
    [
      "flat",
      "a composition, which is not understood",
      (d) => sow.put(sow.named(d, "ImageLink"), { allOf: [{ type: "object" }] }),
    ],
    [
      "operation-operationId-unique",
      "a name for two operations",
      (d) => sow.put(sow.jobs(d), { operationId: "GetImageJob" }),
    ],
    [
      "oas2-operation-security-defined",
      "a way to sign in that is not described",
      (d) => sow.put(d, { security: [{ entra: [] }] }),
    ],
  ]);
});
