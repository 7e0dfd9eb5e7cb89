import { describe, expect, it } from "vitest";
import { checkConnections, checkValues } from "../../../scripts/connector/flows/check/form.ts";
import { sampleNames } from "../../../scripts/connector/flows/samples.ts";
import { made } from "../../../scripts/infra/policy/rule.ts";
import { type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import { damaged, put } from "../../support/connector-defects.ts";
import { deployments } from "../../support/infra.ts";
import { findingsIn, sample, sampleFile } from "../../support/workflows.ts";

/** What the compiler predicts of the connector's template, by shape. */
const workflows = (shape: string) =>
  deployments
    .filter(({ name }) => name === shape)
    .flatMap((deployment) => made(deployment, "Microsoft.Logic/workflows"));

describe.each(sampleNames)("%s", (name) => {
  it("is a workflow that designers open, that calls what there is, and reads what it gets", () => {
    expect(findingsIn(sample(name))).toEqual([]);
  });

  it("is deployed asleep from its file, with the connections and values that it asks for", () => {
    const [workflow] = workflows("connector-key").filter((each) => each.name === `darkroom-${name}`);
    const properties = objectAt({ ...workflow }, "properties");
    const { $connections, ...values } = objectAt(properties, "parameters");
    expect(properties["state"]).toBe("Disabled");
    expect(properties["definition"]).toEqual(sample(name));
    expect(checkConnections(sample(name), Object.keys(objectAt($connections, "value")))).toEqual([]);
    expect(checkValues(sample(name), Object.keys(values))).toEqual([]);
  });
});

it("no sample is deployed unasked, and none that lacks a connection", () => {
  expect(workflows("everything")).toEqual([]);
  expect(workflows("connector-entra").map(({ name }) => name)).toEqual([
    "darkroom-pictures-for-a-list",
    "darkroom-catch-a-refusal",
  ]);
  expect(workflows("connector-key")).toHaveLength(sampleNames.length);
});

it("the README's trigger takes the place of a sample's own", () => {
  const [, snippet = ""] = /```json\n(\{\n {2}"When_an_image[^`]+)```/.exec(sampleFile("../README.md")) ?? [];
  const triggers = JSON.parse(snippet) as JsonObject;
  const changed = damaged(sample("mail-a-picture"), (w) => {
    put(w, { triggers });
    put(w["actions"]!["Mail_what_went_wrong"]!["inputs"]!["body"], {
      Body: "@triggerBody()?['error']?['message']",
    });
  });
  expect(findingsIn(changed)).toEqual([]);
});
