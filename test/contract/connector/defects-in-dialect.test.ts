import { describe, it } from "vitest";
import { checkDialect } from "../../../scripts/connector/check/dialect.ts";
import { checkReferences } from "../../../scripts/connector/check/references.ts";
import {
  type Defect,
  type Tree,
  damaged,
  expectCaught,
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

describe("caught by the dialect", () => {
  it.each<[string, string, Defect]>([
    ["one-type", "an object that doesn't say so", (d) => drop(named(d, "ImageResult"), "type")],
    ["array-items", "a list of nothing", (d) => drop(field(d, "ImageResult", "images"), "items")],
    [
      "byte-format",
      "a file that would be damaged",
      (d) => drop(field(d, "ResultImage", "contentBytes"), "format"),
    ],
    ["field-text", "a field without words", (d) => drop(field(d, "ImageLink", "url"), "description")],
    [
      "distinct-text",
      "words said twice",
      (d) => put(field(d, "ImageLink", "url"), { description: "Image URL" }),
    ],
    [
      "title-case",
      "a title in lower case",
      (d) => put(field(d, "ImageLink", "url"), { "x-ms-summary": "image url" }),
    ],
    [
      "dynamic-pair",
      "a list for old designers only",
      (d) => drop(field(d, "GenerateImageRequest", "deployment"), "x-ms-dynamic-list"),
    ],
    [
      "enum-labels",
      "a choice without a label",
      (d) => listIn(field(d, "GenerateImageRequest", "size"), "enum").push("1x1"),
    ],
    ["deprecated-words", "a deprecation in silence", (d) => put(jobs(d), { deprecated: true })],
    ["annotation", "no version", (d) => drop(jobs(d), "x-ms-api-annotation")],
    [
      "url-encoding",
      "a path parameter of unknown encoding",
      (d) => drop(firstParameter(job(d)), "x-ms-url-encoding"),
    ],
    [
      "form-files",
      "files that vanish from the form",
      (d) => listIn(generate(d), "parameters").push({ name: "files", in: "formData", type: "array" }),
    ],
    [
      "trigger-summary",
      "a trigger named like an action",
      (d) => put(trigger(d), { summary: "Get new images" }),
    ],
    [
      "trigger-method",
      "a poll that is posted",
      (d) => put(d["paths"]!["/triggers/images"], { post: trigger(d) }),
    ],
    [
      "batch-array",
      "a batch that can't be split",
      (d) => put(named(d, "CreatedImages")["properties"], { nextLink: { type: "string" } }),
    ],
    [
      "trigger-nothing-new",
      "a poll that always finds something",
      (d) => drop(trigger(d)["responses"], "202"),
    ],
    ["accepted-result", "a wait for nothing", (d) => drop(generate(d)["responses"]!["200"], "schema")],
    ["accepted-job", "no job where waiting is off", (d) => drop(generate(d)["responses"]!["202"], "schema")],
    ["accepted-polled", "a poll outside of the connector", (d) => drop(d["paths"], "/jobs/{jobId}/result")],
  ])("%s: %s", async (rule, _, defect) => {
    await expectCaught(`dialect:${rule}`, checkDialect(damaged(definition, defect)));
  });
});

describe("caught by following names", () => {
  const values = (d: Tree) => field(d, "GenerateImageRequest", "deployment")["x-ms-dynamic-values"] as Tree;
  const form = (d: Tree) => named(d, "ChosenParameters")["x-ms-dynamic-schema"] as Tree;
  it.each<[string, string, Defect]>([
    [
      "dynamic-operation",
      "a list by an operation that is gone",
      (d) => put(values(d), { operationId: "ListModels" }),
    ],
    [
      "dynamic-path",
      "a list that is called otherwise",
      (d) => put(values(d), { "value-collection": "items" }),
    ],
    ["dynamic-path", "a value that no entry has", (d) => put(values(d), { "value-path": "id" })],
    ["dynamic-parameter", "a form that lacks what it needs", (d) => put(form(d), { parameters: {} })],
    [
      "dynamic-parameter",
      "a form that asks for a field that is gone",
      (d) => put(form(d), { parameters: { deployment: { parameter: "model" } } }),
    ],
    ["test-connection", "a test by nothing", (d) => drop(d["paths"], "/connection")],
  ])("%s: %s", async (rule, _, defect) => {
    await expectCaught(`references:${rule}`, checkReferences(damaged(definition, defect)));
  });
});
