import { describe, expect, it } from "vitest";
import { anApp } from "../../support/app.ts";

/** Well-formed JSON that asks for what can't be: each is told by its parameter, and nothing is spent. */

const path = "/api/images/generations";
const headers = { "content-type": "application/json" };

async function refused(body: unknown) {
  const app = anApp();
  const answer = await app.ask("generationsPost", { path, headers, body: JSON.stringify(body) });
  expect([answer.status, app.jobs.jobs.size, app.runner.started.length]).toEqual([400, 0, 0]);
  return answer.json;
}

const dalle3 = { model: "dall-e-3", prompt: "a cat" };
const dalle2 = { model: "dall-e-2", prompt: "a cat" };
const gptImage = { model: "gpt-image-1", prompt: "a cat" };

describe("a value that the model doesn't know", () => {
  it.each([
    [{ prompt: "a cat", model: "dall-e-9" }, "model", ["dall-e-3", "dall-e-2", "gpt-image-1", "gpt-image-2"]],
    [{ prompt: "a cat", deployment: "x" }, "deployment", ["dalle3", "dalle2", "image", "image2"]],
    [{ ...dalle3, deployment: "dalle2" }, "model", ["dall-e-2"]],
    [{ ...dalle3, size: "512x512" }, "size", ["1024x1024", "1792x1024", "1024x1792"]],
    [{ ...dalle2, size: "1792x1024" }, "size", ["256x256", "512x512", "1024x1024"]],
    [{ ...gptImage, size: "256x256" }, "size", ["1024x1024", "1024x1536", "1536x1024", "auto"]],
    [{ ...dalle3, quality: "high" }, "quality", ["standard", "hd"]],
    [{ ...dalle2, quality: "hd" }, "quality", []],
    [{ ...gptImage, quality: "hd" }, "quality", ["low", "medium", "high", "auto"]],
    [{ ...dalle3, style: "baroque" }, "style", ["vivid", "natural"]],
    [{ ...dalle2, style: "vivid" }, "style", []],
    [{ ...gptImage, style: "vivid" }, "style", []],
    [{ ...dalle3, response_format: "blob" }, "response_format", ["url", "b64_json"]],
    [{ ...gptImage, response_format: "url" }, "response_format", []],
    [{ ...dalle3, output_format: "png" }, "output_format", []],
    [{ ...gptImage, output_format: "gif" }, "output_format", ["png", "jpeg"]],
    [{ ...gptImage, output_compression: 50 }, "output_compression", [100]],
    [{ ...gptImage, background: "transparent", output_format: "jpeg" }, "output_format", ["png"]],
    [{ ...gptImage, background: "pink" }, "background", ["transparent", "opaque", "auto"]],
    [{ ...gptImage, moderation: "none" }, "moderation", ["auto", "low"]],
    [{ ...dalle3, prompt_mode: "raw" }, "prompt_mode", ["default", "as_is"]],
  ])("%j is answered with %s and what is allowed", async (body, param, allowed) => {
    expect(await refused(body)).toMatchObject({
      error: { code: "invalidRequest", param, allowed, retryable: false, request_id: "request-1" },
    });
  });

  it("is named together with every other, as in the sample body that mixes two models", async () => {
    const body = { prompt: "a cat", n: 1, size: "512x512", quality: "hd", style: "vivid" };
    const reply = await refused(body);
    expect(reply).toMatchObject({ error: { details: expect.any(Array) as unknown } });
    expect(JSON.stringify(reply)).toMatch(/size \\"512x512\\" is not a size of dall-e-3/);
    expect(JSON.stringify(reply)).toMatch(/quality is not a parameter of dall-e-2/);
  });
});

describe("a number of images", () => {
  it.each([0, 11, -1, 1.5, "2", true, [], {}, 2 ** 53, Number.MAX_VALUE])(
    "of %j is refused with its range",
    async (n) => {
      expect(await refused({ ...dalle3, n })).toMatchObject({
        error: {
          code: "invalidRequest",
          param: "n",
          message: expect.stringContaining("an integer from 1 to 10") as string,
        },
      });
    },
  );

  it("that JSON can't hold is refused", async () => {
    const app = anApp();
    const body = `{"model": "dall-e-3", "prompt": "a cat", "n": 1e999}`;
    const { status, json } = await app.ask("generationsPost", { path, headers, body });
    expect([status, json]).toMatchObject([400, { error: { param: "n" } }]);
  });
});

describe("a prompt", () => {
  it.each([
    [{}, /required/],
    [{ prompt: null }, /required/],
    [{ prompt: "" }, /empty/],
    [{ prompt: " \t\n\u3000" }, /empty/],
    [{ prompt: "half \ud83d of a pair" }, /surrogate/],
    [{ prompt: 7 }, /must be a string/],
    [{ prompt: ["a cat"] }, /must be a string/],
    [{ prompt: { text: "a cat" } }, /must be a string/],
  ])("as in %j is refused", async (body, why) => {
    expect(await refused({ model: "dall-e-3", ...body })).toMatchObject({
      error: { code: "invalidRequest", param: "prompt", message: expect.stringMatching(why) as string },
    });
  });

  it.each([
    ["dall-e-2", 1_000],
    ["dall-e-3", 4_000],
    ["gpt-image-1", 32_000],
  ])("of %s may have %i characters and not one more", async (model, most) => {
    expect(await refused({ model, prompt: "x".repeat(most + 1) })).toMatchObject({
      error: { param: "prompt", message: expect.stringContaining(`at most ${most}`) as string },
    });
    const app = anApp();
    const body = JSON.stringify({ model, prompt: "☂".repeat(most) });
    expect((await app.ask("generationsPost", { path, headers, body })).status).toBe(202);
  });

  it("is never repeated by the refusal of another field", async () => {
    const reply = await refused({ model: "dall-e-3", prompt: "SECRET-PROMPT", size: "1x1", n: 99 });
    expect(JSON.stringify(reply)).not.toContain("SECRET-PROMPT");
  });
});

describe("a field nobody knows", () => {
  it.each(["colour", "Prompt", "streams", "__proto__", "constructor", "toString"])(
    "%s is named, with the known ones",
    async (field) => {
      const app = anApp();
      const body = `{"model": "dall-e-3", "prompt": "a cat", ${JSON.stringify(field)}: {"n": 2}}`;
      const { status, json } = await app.ask("generationsPost", { path, headers, body });
      expect([status, json]).toMatchObject([
        400,
        { error: { param: field, allowed: expect.arrayContaining(["model", "prompt", "n"]) as unknown } },
      ]);
      expect(app.jobs.jobs.size).toBe(0);
    },
  );
});

describe("our own fields", () => {
  it.each([
    [{ tags: "demo" }, "tags"],
    [{ tags: Array.from({ length: 9 }, (_, i) => `t${i}`) }, "tags"],
    [{ tags: ["two words"] }, "tags.0"],
    [{ tags: [""] }, "tags.0"],
    [{ metadata: [] }, "metadata"],
    [{ metadata: { order: 7 } }, "metadata.order"],
    [{ metadata: { order: "x".repeat(513) } }, "metadata.order"],
    [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, "v"])) }, "metadata"],
    [{ user: "x".repeat(513) }, "user"],
    [{ model: "" }, "model"],
    [{ output_compression: 101 }, "output_compression"],
    [{ output_compression: -1 }, "output_compression"],
  ])("as in %j are refused by their path", async (fields, param) => {
    expect(await refused({ ...gptImage, ...fields })).toMatchObject({
      error: { code: "invalidRequest", param },
    });
  });
});

it("a field that is null counts as absent", async () => {
  const app = anApp();
  const nulls = { n: null, size: null, quality: null, style: null, tags: null, metadata: null, user: null };
  const body = JSON.stringify({ ...dalle3, ...nulls });
  const { status, json } = await app.ask("generationsPost", { path, headers, body });
  expect([status, json]).toMatchObject([202, { request: { n: 1, size: "1024x1024" } }]);
});
