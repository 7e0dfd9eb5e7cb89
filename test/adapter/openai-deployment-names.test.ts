import { gatheringModel } from "../support/gathered-reply.ts";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../../packages/azure-openai-simulator/src/simulator.ts";
import { resolveDeployments } from "../../src/domain/deployment.ts";
import { knownModels } from "../../src/domain/model-catalogue.ts";
import { openAiImageModels } from "../../src/adapters/openai/image-models.ts";
import { imagesOf, never, upstreamParts } from "../support/image-service.ts";

let simulator: Simulator;
const name = "pictures of prod/1";
beforeAll(async () => {
  simulator = await startSimulator({
    settings: { latency_scale: 0, deployments: { [name]: "gpt-image-1" } },
  });
});
afterAll(() => simulator.close());

function modelAt(path = "", model = "gpt-image-1") {
  const upstream = {
    endpoint: simulator.url + path,
    upstreamName: name,
    apiVersion: model === "dall-e-2" ? "2023-06-01-preview" : "2025-04-01-preview",
    apiKey: simulator.apiKey,
  };
  const offers = resolveDeployments([{ name: "here", model, kind: "azure" }], knownModels);
  const models = openAiImageModels({
    offers: offers.map((offer) => ({ ...offer, upstream })),
    ...upstreamParts,
  });
  return gatheringModel(models.at("here"));
}

const request = { prompt: "a fox", n: 1, size: "1024x1024", quality: "low", output_format: "png" };

describe.each(["", "/openai/v1"])(
  "a deployment named unlike its model, at the endpoint's path %j,",
  (path) => {
    it.each([false, true])("generates; as a stream: %s", async (stream) => {
      const asked = { ...request, ...(stream && { stream, partial_images: 1 }) };
      expect(imagesOf(await modelAt(path).render(asked, 1, never))).toMatchObject([{ kind: "image" }]);
    });

    it.each([false, true])("edits; as a stream: %s", async (stream) => {
      const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
        .png()
        .toBuffer();
      const files = { images: [new File([new Uint8Array(picture)], "a.png", { type: "image/png" })] };
      const asked = { ...request, ...(stream && { stream, partial_images: 1 }) };
      expect(imagesOf(await modelAt(path).edit(asked, files, 1, never))).toMatchObject([{ kind: "image" }]);
    });

    it("submits DALL-E 2's operations to the resource", async () => {
      const small = { prompt: "a fox", n: 1, size: "256x256" };
      const reply = await modelAt(path, "dall-e-2").submit(small, 1, crypto.randomUUID(), never);
      expect(reply).toMatchObject({ kind: "submitted" });
    });
  },
);

it("a form is sent without a copy of its files, whatever the key is", async () => {
  const sent: RequestInit[] = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (_input, init) => {
    sent.push(init ?? {});
    return Response.json({ data: [{ b64_json: "iVBORw0KGgo=" }] });
  };
  try {
    const files = { images: [new File(["x"], "a.png", { type: "image/png" })] };
    await modelAt().edit(request, files, 1, never);
  } finally {
    globalThis.fetch = real;
  }
  expect(sent).toMatchObject([{ redirect: "error", window: null }]);
});

it.each([
  ["JSON", () => JSON.stringify({ prompt: "x", model: name }), "generations"],
  ["a form", () => formOf({ prompt: "x", model: name }), "edits"],
])(
  "the simulated service refuses another model on a deployments path, in %s",
  async (_how, bodyOf, route) => {
    const body = bodyOf();
    const address = `${simulator.url}/openai/deployments/${encodeURIComponent(name)}/images/${route}?api-version=2025-04-01-preview`;
    const headers = {
      "api-key": simulator.apiKey,
      ...(typeof body === "string" && { "content-type": "application/json" }),
    };
    const reply = await fetch(address, { method: "POST", body, headers });
    expect([reply.status, await reply.json()]).toMatchObject([400, { error: { param: "model" } }]);
  },
);

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  return form;
}

it("a model's further parameters are sent by their own names, and none in the place of what is known", async () => {
  // The simulated service knows no seed, and says so.
  const refused = await modelAt().render({ ...request, parameters: { seed: 7 } }, 1, never);
  expect(refused).toMatchObject({ kind: "rejected" });
  expect(JSON.stringify(refused)).toContain("seed");
  const reply = await modelAt().render({ ...request, parameters: { n: 3, size: "1x1" } }, 1, never);
  expect(imagesOf(reply)).toHaveLength(1);
});
