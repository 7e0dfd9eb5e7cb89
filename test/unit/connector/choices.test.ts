import { describe, expect, it } from "vitest";
import {
  connectionReply,
  deploymentList,
  modelList,
  modelParametersReply,
} from "../../../src/connector/contracts/choice-schemas.ts";
import { connectorError } from "../../../src/connector/contracts/schemas.ts";
import { anApp } from "../../support/app.ts";
import { askConnector, anonymous, expectShape } from "../../support/connector.ts";

describe("what a designer offers", () => {
  it("are the deployments, by names that requests take", async () => {
    const app = anApp();
    const { json } = await askConnector(app, "listDeployments", { path: "/api/connector/deployments" });
    expect(expectShape(json, deploymentList).value[0]).toEqual({
      name: "dalle3",
      title: "dalle3 (dall-e-3)",
      model: "dall-e-3",
    });
  });

  it("are those that can edit, where an edit is asked for", async () => {
    const path = "/api/connector/deployments?task=edit";
    const { json } = await askConnector(anApp(), "listDeployments", { path });
    const models = expectShape(json, deploymentList).value.map(({ model }) => model);
    expect(models.filter((model) => !model.startsWith("gpt-image"))).toEqual([]);
    expect(models.length).toBeGreaterThan(0);
  });

  const choicesOf = async (query: string, app = anApp()) => {
    const path = `/api/connector/model-parameters${query}`;
    const { status, json } = await askConnector(app, "getModelParameters", { path });
    expect(status).toBe(200);
    const reply = expectShape(json, modelParametersReply);
    return Object.fromEntries(
      Object.entries(reply).map(([field, choices]) => [field, choices.map(({ value }) => value)]),
    );
  };

  it("is what the chosen model takes, in words", async () => {
    const path = "/api/connector/model-parameters?deployment=dalle3";
    const { json } = await askConnector(anApp(), "getModelParameters", { path });
    expect(expectShape(json, modelParametersReply).size[0]).toEqual({
      value: "1024x1024",
      title: "1024 × 1024 (square)",
    });
    expect(await choicesOf("?deployment=dalle3")).toEqual({
      size: ["1024x1024", "1792x1024", "1024x1792"],
      quality: ["standard", "hd"],
      style: ["vivid", "natural"],
      background: [],
      moderation: [],
      outputFormat: [],
      inputFidelity: [],
    });
    expect((await choicesOf("?deployment=image"))["outputFormat"]).toEqual(["png", "jpeg"]);
  });

  it.each(["", "?deployment=", "?deployment=other", "?deployment=..", "?deployment=a%2Fb"])(
    "is what any model takes that can do the task, without one that is known: %s",
    async (query) => {
      const { size = [], quality } = await choicesOf(query);
      expect(size).toEqual(expect.arrayContaining(["1792x1024", "1536x1024", "auto"]));
      expect(quality).toEqual(expect.arrayContaining(["hd", "high"]));
      const edits = await choicesOf(`${query === "" ? "?" : `${query}&`}task=edit`);
      expect(edits["size"]).toEqual(["1024x1024", "1024x1536", "1536x1024", "auto"]);
      expect([edits["quality"], edits["style"]]).toEqual([["low", "medium", "high", "auto"], []]);
    },
  );

  it("is nothing to choose from for a model that nobody described", async () => {
    const offered = [{ name: "flux", model: "flux-2", kind: "openai" as const }];
    const lists = Object.values(await choicesOf("?deployment=flux", anApp({ offered })));
    expect(lists.flat()).toEqual([]);
  });

  it("is told to people and agents in plain facts", async () => {
    const { json } = await askConnector(anApp(), "listModels", { path: "/api/connector/models" });
    expect(expectShape(json, modelList).value).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ deployment: "dalle3", canEdit: false, qualities: "standard, hd" }),
        expect.objectContaining({ deployment: "image", canEdit: true, outputFormats: "png, jpeg" }),
      ]),
    );
  });
});

describe("a connection", () => {
  it("is tested without asking anything of storage or of the image service", async () => {
    const app = anApp();
    const { status, json } = await askConnector(app, "testConnection", { path: "/api/connector/connection" });
    expect([status, expectShape(json, connectionReply)]).toEqual([200, { caller: "key:phone" }]);
    expect(app.diary).toEqual([]);
  });

  it("without a key that is known is refused in words that a portal shows", async () => {
    const answer = await askConnector(anApp(), "testConnection", {
      path: "/api/connector/connection",
      headers: anonymous,
    });
    expect([answer.status, expectShape(answer.json, connectorError).error.message]).toMatchObject([
      401,
      expect.stringContaining("key") as unknown,
    ]);
  });
});
