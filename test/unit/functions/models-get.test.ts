import { expect, it } from "vitest";
import { anApp } from "../../support/app.ts";

const path = "/api/models";

it("a model is listed once, with all deployments that run it and what it can do", async () => {
  const app = anApp({
    offered: [
      { name: "one", model: "dall-e-3", kind: "azure" },
      { name: "two", model: "dall-e-3", kind: "azure" },
    ],
  });
  expect((await app.ask("modelsGet", { path })).json).toEqual({
    models: [
      {
        model: "dall-e-3",
        deployments: ["one", "two"],
        protocol: "one-per-call",
        prompt_limit: 4_000,
        max_images: 10,
        sizes: ["1024x1024", "1792x1024", "1024x1792"],
        qualities: ["standard", "hd"],
        styles: ["vivid", "natural"],
        response_formats: ["url", "b64_json"],
        edits: false,
        streaming: false,
        defaults: { size: "1024x1024", quality: "standard", style: "vivid" },
      },
    ],
  });
});

it("a model without a list of sizes tells its rule", async () => {
  const { text } = await anApp().ask("modelsGet", { path });
  expect(text).toContain("both divisible by 16");
});

it("a model that nobody described is listed all the same", async () => {
  const app = anApp({ offered: [{ name: "flux", model: "flux-2", kind: "azure" }] });
  expect((await app.ask("modelsGet", { path })).json).toMatchObject({
    models: [{ model: "flux-2", deployments: ["flux"], sizes: [] }],
  });
});

it("models that aren't deployed aren't listed, and neither is where the service is", async () => {
  const app = anApp({ offered: [{ name: "dalle3", model: "dall-e-3", kind: "azure" }] });
  expect((await app.ask("modelsGet", { path })).text).not.toMatch(/dall-e-2|https?:/);
});
