import { describe, expect, it } from "vitest";
import { dalle3Path, simulate, submitPath } from "./support.ts";

const deployments = {
  "dall-e-3": "/openai/deployments/dalle3/images/generations?api-version=2024-02-01",
  "gpt-image-1": "/openai/deployments/gpt-image/images/generations?api-version=2025-04-01-preview",
  "gpt-image-2": "/openai/deployments/gpt-image-2/images/generations?api-version=2025-04-01-preview",
} as const;

type Model = keyof typeof deployments;

const prompt = "An otter";

describe("a request the model cannot run is a 400 that names the parameter", () => {
  it.each<[Model, object, string, string]>([
    ["dall-e-3", {}, "prompt", "missing_required_parameter"],
    ["dall-e-3", { prompt: null }, "prompt", "invalid_type"],
    ["dall-e-3", { prompt: 7 }, "prompt", "invalid_type"],
    ["dall-e-3", { prompt: "" }, "prompt", "string_below_min_length"],
    ["dall-e-3", { prompt: "x".repeat(4001) }, "prompt", "string_above_max_length"],
    ["gpt-image-1", { prompt: "x".repeat(32_001) }, "prompt", "string_above_max_length"],
    ["dall-e-3", { prompt, colour: "red" }, "colour", "unknown_parameter"],
    ["dall-e-3", { prompt, constructor: 1 }, "constructor", "unknown_parameter"],
    ["dall-e-3", { prompt, output_format: "png" }, "output_format", "unknown_parameter"],
    ["dall-e-3", { prompt, background: "opaque" }, "background", "unknown_parameter"],
    ["dall-e-3", { prompt, size: "512x512" }, "size", "invalid_value"],
    ["dall-e-3", { prompt, size: "auto" }, "size", "invalid_value"],
    ["dall-e-3", { prompt, size: 1024 }, "size", "invalid_type"],
    ["dall-e-3", { prompt, n: 2 }, "n", "invalid_value"],
    ["dall-e-3", { prompt, quality: "high" }, "quality", "invalid_value"],
    ["dall-e-3", { prompt, style: "loud" }, "style", "invalid_value"],
    ["dall-e-3", { prompt, response_format: "png" }, "response_format", "invalid_value"],
    ["dall-e-3", { prompt, user: 1 }, "user", "invalid_type"],
    ["gpt-image-1", { prompt, response_format: "b64_json" }, "response_format", "unknown_parameter"],
    ["gpt-image-1", { prompt, style: "vivid" }, "style", "unknown_parameter"],
    ["gpt-image-1", { prompt, size: "1792x1024" }, "size", "invalid_value"],
    ["gpt-image-1", { prompt, quality: "hd" }, "quality", "invalid_value"],
    ["gpt-image-1", { prompt, output_format: "webp" }, "output_format", "invalid_value"],
    ["gpt-image-1", { prompt, output_compression: 101 }, "output_compression", "integer_above_max_value"],
    ["gpt-image-1", { prompt, output_compression: -1 }, "output_compression", "integer_below_min_value"],
    ["gpt-image-1", { prompt, n: 0 }, "n", "integer_below_min_value"],
    ["gpt-image-1", { prompt, n: 11 }, "n", "integer_above_max_value"],
    ["gpt-image-1", { prompt, n: 1.5 }, "n", "invalid_type"],
    ["gpt-image-1", { prompt, n: "2" }, "n", "invalid_type"],
    ["gpt-image-1", { prompt, moderation: "none" }, "moderation", "invalid_value"],
    ["gpt-image-1", { prompt, background: "red" }, "background", "invalid_value"],
    [
      "gpt-image-1",
      { prompt, background: "transparent", output_format: "jpeg" },
      "background",
      "invalid_value",
    ],
    ["gpt-image-1", { prompt, partial_images: 4 }, "partial_images", "integer_above_max_value"],
    ["gpt-image-1", { prompt, stream: true, partial_images: 4 }, "partial_images", "integer_above_max_value"],
    [
      "gpt-image-1",
      { prompt, stream: true, partial_images: -1 },
      "partial_images",
      "integer_below_min_value",
    ],
    ["gpt-image-1", { prompt, stream: true, partial_images: "2" }, "partial_images", "invalid_type"],
    ["gpt-image-1", { prompt, stream: "yes" }, "stream", "invalid_type"],
    ["gpt-image-1", { prompt, stream: true, n: 2 }, "n", "invalid_value"],
    ["dall-e-3", { prompt, stream: true }, "stream", "unknown_parameter"],
    ["dall-e-3", { prompt, partial_images: 1 }, "partial_images", "unknown_parameter"],
    ["gpt-image-2", { prompt, size: "1000x1024" }, "size", "invalid_value"],
    ["gpt-image-2", { prompt, size: "1024x1000" }, "size", "invalid_value"],
    ["gpt-image-2", { prompt, size: "640x640" }, "size", "invalid_value"],
    ["gpt-image-2", { prompt, size: "3840x1024" }, "size", "invalid_value"],
    ["gpt-image-2", { prompt, size: "3856x1296" }, "size", "invalid_value"],
    ["gpt-image-2", { prompt, size: "3840x2176" }, "size", "invalid_value"],
  ])("%s %j: %s, %s", async (model, body, param, code) => {
    const simulated = await simulate();
    const answer = await simulated.send("POST", deployments[model], body);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code, param, type: "invalid_request_error" } },
    });
    expect((await simulated.ledger()).totals.images_billed).toBe(0);
  });

  it.each(["{", "", "[]", "7", "null"])("a body %j is no request", async (body) => {
    const simulated = await simulate();
    expect(await simulated.send("POST", dalle3Path, body)).toMatchObject({
      status: 400,
      body: { error: { code: null, type: "invalid_request_error" } },
    });
  });

  it("DALL-E 2 says so in its own words", async () => {
    const simulated = await simulate();
    const wrong = [
      {},
      { prompt, size: "1792x1024" },
      { prompt, n: 11 },
      { prompt, quality: "standard" },
      { prompt, model: "dall-e-2" },
      { prompt, stream: true },
      { prompt: "x".repeat(1001) },
    ];
    for (const body of wrong) {
      const answer = await simulated.send("POST", submitPath, body);
      expect(answer, JSON.stringify(body)).toMatchObject({
        status: 400,
        body: { error: { code: "badRequest" } },
      });
      expect(answer.headers.get("x-ms-error-code")).toBe("badRequest");
    }
  });
});

describe("a request the model can run passes", () => {
  it.each<[Model, object]>([
    ["dall-e-3", { prompt: "😀".repeat(4000) }],
    [
      "dall-e-3",
      { prompt, n: 1, size: "1024x1792", quality: "standard", style: "vivid", user: "u", model: "dall-e-3" },
    ],
    ["dall-e-3", { prompt, size: null, style: null }],
    ["gpt-image-1", { prompt, size: "auto", quality: "auto", background: "auto", moderation: "low" }],
    ["gpt-image-1", { prompt, stream: false, partial_images: 0 }],
    ["gpt-image-2", { prompt, size: "1024x640" }],
    ["gpt-image-2", { prompt, size: "2400x800" }],
  ])("%s %j", async (model, body) => {
    const simulated = await simulate();
    expect((await simulated.send("POST", deployments[model], body)).status).toBe(200);
  });
});
