import { describe, expect, it } from "vitest";
import { checkConnections, checkValues } from "../../../scripts/connector/flows/check/form.ts";
import { sampleNames } from "../../../scripts/connector/flows/samples.ts";
import { objectAt } from "../../../scripts/connector/json.ts";
import { findingsIn, sample, templateWith } from "../../support/workflows.ts";

describe.each(sampleNames)("%s", (name) => {
  it("is a workflow that designers open, that calls what there is, and reads what it gets", () => {
    expect(findingsIn(sample(name))).toEqual([]);
  });

  it("is deployed from its file, with the connections and values that it asks for", async () => {
    const template = await templateWith("main.bicep");
    const given = {
      serviceUrl: "https://darkroom.azurewebsites.net",
      deploySamples: true,
      mailConnectionName: "office365",
      storageConnectionName: "azureblob",
    };
    const module = template.modules(given).find(({ params }) => params["name"] === `darkroom-${name}`);
    expect(module).toMatchObject({ file: "workflow.bicep", isDeployed: true });
    expect(module?.params["definition"]).toEqual(sample(name));
    expect(checkConnections(sample(name), Object.keys(objectAt(module?.params, "connections")))).toEqual([]);
    expect(checkValues(sample(name), Object.keys(objectAt(module?.params, "values")))).toEqual([]);
  });
});

it("no sample is deployed unasked, and none that lacks a connection", async () => {
  const template = await templateWith("main.bicep");
  const serviceUrl = "https://darkroom.azurewebsites.net";
  const deployed = (given: object) =>
    template
      .modules({ serviceUrl, ...given })
      .filter(({ isDeployed }) => isDeployed)
      .map(({ symbol }) => symbol);
  expect(deployed({})).toEqual([]);
  expect(deployed({ mailConnectionName: "office365", storageConnectionName: "azureblob" })).toEqual([]);
  expect(deployed({ deploySamples: true })).toEqual(["picturesForAList", "catchARefusal"]);
});
