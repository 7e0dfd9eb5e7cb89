import { describe, expect, it } from "vitest";
import {
  connectionReply,
  connectorError,
  deploymentList,
  modelParametersReply,
} from "../../../src/connector/contracts/schemas.ts";
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

  const parametersOf = async (deployment: string, app = anApp()) => {
    const path = `/api/connector/deployments/${encodeURIComponent(deployment)}/parameters`;
    const { status, json } = await askConnector(app, "getModelParameters", { path });
    expect(status).toBe(200);
    const { schema } = expectShape(json, modelParametersReply);
    expect(schema["type"]).toBe("object");
    return schema["properties"] as Record<string, { type: string; enum?: string[] }>;
  };

  it("is what the chosen model takes, with its own values", async () => {
    const dalle3 = await parametersOf("dalle3");
    expect(Object.keys(dalle3)).toEqual(["size", "quality", "style", "promptMode"]);
    expect(dalle3["size"]).toMatchObject({
      type: "string",
      "x-ms-summary": "Size",
      enum: ["1024x1024", "1792x1024", "1024x1792"],
      "x-ms-enum-values": expect.arrayContaining([
        { value: "1024x1024", displayName: "1024 × 1024 (square)" },
      ]) as unknown,
    });
    const image = await parametersOf("image");
    expect(image["outputCompression"]).toMatchObject({ type: "integer", maximum: 100 });
    expect(image["outputFormat"]?.enum).toEqual(["png", "jpeg"]);
    expect(image).not.toHaveProperty("style");
  });

  it("is everything, without lists of its own, for a model that nobody described", async () => {
    const offered = [{ name: "flux", model: "flux-2", kind: "openai" as const }];
    const flux = await parametersOf("flux", anApp({ offered }));
    expect(Object.keys(flux)).toHaveLength(9);
  });

  it.each(["other", "..", "a/b"])(
    "is nothing for %s: a designer shows no reason, only a failed form",
    async (name) => {
      expect(await parametersOf(name)).toEqual({});
    },
  );
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
