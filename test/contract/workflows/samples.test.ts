import { describe, expect, it } from "vitest";
import { checkConnections, checkValues } from "../../../scripts/connector/flows/check/form.ts";
import { sampleNames } from "../../../scripts/connector/flows/samples.ts";
import { mainTemplate, Templates } from "../../../scripts/connector/flows/template.ts";
import { type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import { damaged, put } from "../../support/connector-defects.ts";
import { findingsIn, sample, sampleFile } from "../../support/workflows.ts";

const everything = {
  deploySamples: true,
  mailConnectionName: "office365",
  storageConnectionName: "azureblob",
};
const workflows = (given: JsonObject) =>
  new Templates()
    .resources(mainTemplate, { serviceUrl: "https://darkroom.azurewebsites.net", ...given })
    .filter(({ type }) => type === "Microsoft.Logic/workflows");

describe.each(sampleNames)("%s", (name) => {
  it("is a workflow that designers open, that calls what there is, and reads what it gets", () => {
    expect(findingsIn(sample(name))).toEqual([]);
  });

  it("is deployed asleep from its file, with the connections and values that it asks for", () => {
    const [workflow] = workflows(everything).filter(({ body }) => body["name"] === `darkroom-${name}`);
    const properties = objectAt(workflow?.body, "properties");
    const { $connections, ...values } = objectAt(properties, "parameters");
    expect(properties["state"]).toBe("Disabled");
    expect(properties["definition"]).toEqual(sample(name));
    expect(checkConnections(sample(name), Object.keys(objectAt($connections, "value")))).toEqual([]);
    expect(checkValues(sample(name), Object.keys(values))).toEqual([]);
  });
});

it("no sample is deployed unasked, and none that lacks a connection", () => {
  const names = (given: JsonObject) => workflows(given).map(({ body }) => body["name"]);
  expect(names({})).toEqual([]);
  expect(names({ ...everything, deploySamples: false })).toEqual([]);
  expect(names(everything)).toHaveLength(sampleNames.length);
  expect(names({ deploySamples: true })).toEqual([
    "darkroom-pictures-for-a-list",
    "darkroom-catch-a-refusal",
  ]);
});

it("the README's trigger takes the place of a sample's own", () => {
  const [, snippet = ""] = /```json\n(\{\n {2}"When_an_image[^`]+)```/.exec(sampleFile("../README.md")) ?? [];
  const triggers = JSON.parse(snippet) as JsonObject;
  const told = damaged(sample("mail-a-picture"), (w) => {
    put(w, { triggers });
    put(w["actions"]!["Mail_what_went_wrong"]!["inputs"]!["body"], {
      Body: "@triggerBody()?['error']?['message']",
    });
  });
  expect(findingsIn(told)).toEqual([]);
});
