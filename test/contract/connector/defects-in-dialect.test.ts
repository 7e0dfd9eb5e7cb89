import { describe } from "vitest";
import { checkDialect } from "../../../scripts/connector/check/dialect.ts";
import { checkReferences } from "../../../scripts/connector/check/references.ts";
import * as sow from "../../support/connector-defects.ts";

describe("caught by the dialect", () => {
  sow.catches("dialect", checkDialect, [
    ["one-type", "an object that doesn't say so", (d) => sow.drop(sow.named(d, "ImageResult"), "type")],
    ["array-items", "a list of nothing", (d) => sow.drop(sow.field(d, "ImageResult", "images"), "items")],
    [
      "byte-format",
      "a file that would be damaged",
      (d) => sow.drop(sow.field(d, "ResultImage", "contentBytes"), "format"),
    ],
    ["field-text", "a field without words", (d) => sow.drop(sow.field(d, "ImageLink", "url"), "description")],
    [
      "distinct-text",
      "words said twice",
      (d) => sow.put(sow.field(d, "ImageLink", "url"), { description: "Image URL" }),
    ],
    [
      "title-case",
      "a title in lower case",
      (d) => sow.put(sow.field(d, "ImageLink", "url"), { "x-ms-summary": "image url" }),
    ],
    [
      "dynamic-pair",
      "a list for old designers only",
      (d) => sow.drop(sow.field(d, "GenerateImageRequest", "deployment"), "x-ms-dynamic-list"),
    ],
    [
      "enum-labels",
      "a choice without a label",
      (d) => sow.listIn(sow.field(d, "GenerateImageRequest", "promptMode"), "enum").push("loud"),
    ],
    ["deprecated-words", "a deprecation in silence", (d) => sow.put(sow.jobs(d), { deprecated: true })],
    ["annotation", "no version", (d) => sow.drop(sow.jobs(d), "x-ms-api-annotation")],
    [
      "url-encoding",
      "a path parameter of unknown encoding",
      (d) => sow.drop(sow.firstParameter(sow.job(d)), "x-ms-url-encoding"),
    ],
    [
      "form-files",
      "files that vanish from the form",
      (d) => sow.listIn(sow.generate(d), "parameters").push({ name: "files", in: "formData", type: "array" }),
    ],
    [
      "trigger-summary",
      "a trigger named like an action",
      (d) => sow.put(sow.trigger(d), { summary: "Get new images" }),
    ],
    [
      "trigger-summary",
      "a trigger that speaks of many",
      (d) => sow.put(sow.trigger(d), { summary: "When images are created" }),
    ],
    [
      "trigger-method",
      "a poll that is posted",
      (d) => sow.put(d["paths"]!["/triggers/images"], { post: sow.trigger(d) }),
    ],
    [
      "batch-array",
      "a batch that can't be split",
      (d) => sow.put(sow.named(d, "CreatedImages")["properties"], { nextLink: { type: "string" } }),
    ],
    [
      "trigger-nothing-new",
      "a poll that always finds something",
      (d) => sow.drop(sow.trigger(d)["responses"], "202"),
    ],
    [
      "accepted-result",
      "a wait for nothing",
      (d) => sow.drop(sow.generate(d)["responses"]!["200"], "schema"),
    ],
    [
      "accepted-job",
      "no job where waiting is off",
      (d) => sow.drop(sow.generate(d)["responses"]!["202"], "schema"),
    ],
    [
      "accepted-polled",
      "a poll outside of the connector",
      (d) => sow.drop(d["paths"], "/jobs/{jobId}/result"),
    ],
  ]);
});

describe("caught by following names", () => {
  const values = (d: sow.Tree) =>
    sow.field(d, "GenerateImageRequest", "deployment")["x-ms-dynamic-values"] as sow.Tree;
  const sizes = (d: sow.Tree) =>
    sow.field(d, "GenerateImageRequest", "size")["x-ms-dynamic-list"] as sow.Tree;
  sow.catches("references", checkReferences, [
    [
      "dynamic-operation",
      "a list by an operation that is gone",
      (d) => sow.put(values(d), { operationId: "ListModelNames" }),
    ],
    [
      "dynamic-path",
      "a list that is called otherwise",
      (d) => sow.put(values(d), { "value-collection": "items" }),
    ],
    ["dynamic-path", "a value that no entry has", (d) => sow.put(values(d), { "value-path": "id" })],
    [
      "dynamic-parameter",
      "a list that lacks what it needs",
      (d) =>
        sow.put(sow.firstParameter(sow.at(d, "/model-parameters", "get")), { required: true, name: "x" }),
    ],
    [
      "dynamic-parameter",
      "a list that asks for a field that is gone",
      (d) => sow.put(sizes(d), { parameters: { deployment: { parameterReference: "body/model" } } }),
    ],
    ["test-connection", "a test by nothing", (d) => sow.drop(d["paths"], "/connection")],
  ]);
});
