import { describe, expect, it } from "vitest";
import {
  asIsInstruction,
  validateParams,
  applyDefaults,
  upstreamPrompt,
} from "../../../src/domain/image-request.ts";
import { findCapability, forService, knownModels } from "../../../src/domain/model-catalogue.ts";

const dalle2 = findCapability(knownModels, "dall-e-2");
const dalle3 = findCapability(knownModels, "dall-e-3");
const gptImage1 = findCapability(knownModels, "gpt-image-1");
const gptImage2 = findCapability(knownModels, "gpt-image-2");
const params = (violations: { param: string }[]) => violations.map(({ param }) => param);

describe("a request to DALL-E 3", () => {
  it("passes with every parameter that the model knows", () => {
    const asked = {
      prompt: "a cat",
      n: 10,
      size: "1792x1024",
      quality: "hd",
      style: "vivid",
      response_format: "url",
    };
    expect(validateParams(asked, dalle3)).toEqual([]);
  });

  it("is refused a size of another model, with the allowed ones listed", () => {
    const [violation] = validateParams({ prompt: "a cat", size: "512x512", quality: "hd" }, dalle3);
    expect(violation).toMatchObject({ param: "size", allowed: ["1024x1024", "1792x1024", "1024x1792"] });
  });

  it("is refused parameters that only gpt-image knows, each by name", () => {
    const asked = {
      prompt: "a cat",
      background: "opaque",
      moderation: "low",
      output_format: "png",
      output_compression: 50,
    };
    expect(params(validateParams(asked, dalle3))).toEqual([
      "background",
      "moderation",
      "output_format",
      "output_compression",
    ]);
  });

  it("counts the as-is instruction into the prompt's limit", () => {
    const prompt = "x".repeat(4_000 - asIsInstruction.length);
    expect(validateParams({ prompt, prompt_mode: "as_is" }, dalle3)).toEqual([]);
    expect(params(validateParams({ prompt: `${prompt}x`, prompt_mode: "as_is" }, dalle3))).toEqual([
      "prompt",
    ]);
  });
});

describe("a request to DALL-E 2", () => {
  it("is refused quality and style, which the model doesn't have", () => {
    const asked = { prompt: "a cat", size: "512x512", quality: "hd", style: "vivid" };
    expect(params(validateParams(asked, dalle2))).toEqual(["quality", "style"]);
  });

  it.each([
    [1_000, 0],
    [1_001, 1],
  ])("with a prompt of %i characters breaks %i rules, counted in code points", (length, broken) => {
    for (const character of ["x", "é", "語", "\u{1f98a}"]) {
      const violations = validateParams({ prompt: character.repeat(length) }, dalle2);
      expect(violations).toHaveLength(broken);
      for (const { message } of violations) expect(message).toContain(`prompt has ${length} characters`);
    }
  });
});

describe("a request to gpt-image", () => {
  it("is refused response_format, which the service doesn't know there", () => {
    expect(params(validateParams({ prompt: "a cat", response_format: "url" }, gptImage1))).toEqual([
      "response_format",
    ]);
  });

  it("is refused webp by Azure and granted it by OpenAI", () => {
    const asked = { prompt: "a cat", output_format: "webp" };
    expect(params(validateParams(asked, forService(gptImage1, "azure")))).toEqual(["output_format"]);
    expect(validateParams(asked, forService(gptImage1, "openai"))).toEqual([]);
  });

  it("is refused a transparent background in jpeg, with the formats that have one", () => {
    const [violation] = validateParams(
      { prompt: "a cat", background: "transparent", output_format: "jpeg" },
      gptImage1,
    );
    expect(violation).toMatchObject({ param: "output_format", allowed: ["png"] });
  });

  it("is refused compression of a png, which is lossless", () => {
    expect(params(validateParams({ prompt: "a cat", output_compression: 50 }, gptImage1))).toEqual([
      "output_compression",
    ]);
    expect(
      validateParams({ prompt: "a cat", output_compression: 50, output_format: "jpeg" }, gptImage1),
    ).toEqual([]);
  });

  it.each([
    ["1024x1024", true],
    ["3840x2160", true],
    ["2160x3840", true],
    ["auto", true],
    ["1030x1024", false],
    ["3856x1024", false],
    ["3200x1024", false],
    ["640x640", false],
    ["3840x3840", false],
    ["huge", false],
    ["01024x1024", false],
  ])("of the second generation takes size %s: %s", (size, taken) => {
    expect(validateParams({ prompt: "a cat", size }, gptImage2)).toHaveLength(taken ? 0 : 1);
  });
});

describe("every request", () => {
  it.each([
    ["", "empty"],
    [" \n\t", "empty"],
    ["half \ud83d of a pair", "surrogate"],
  ])("with prompt %j is refused", (prompt, why) => {
    expect(validateParams({ prompt }, dalle3)[0]).toMatchObject({
      param: "prompt",
      message: expect.stringContaining(why) as string,
    });
  });

  it.each([0, 11, -1])("for %i images is refused with the range", (n) => {
    expect(validateParams({ prompt: "a cat", n }, dalle3)).toEqual([
      { param: "n", message: "n must be an integer from 1 to 10 for dall-e-3." },
    ]);
  });

  it("has its defaults filled in and its absent facts left out", () => {
    expect(applyDefaults({ prompt: "a cat" }, dalle3)).toEqual({
      prompt: "a cat",
      n: 1,
      size: "1024x1024",
      quality: "standard",
      style: "vivid",
    });
  });

  it("for a model nobody described passes every value on", () => {
    expect(
      validateParams({ prompt: "a cat", size: "any", quality: "odd" }, findCapability(knownModels, "flux")),
    ).toEqual([]);
  });

  it("goes upstream with the instruction in front only when the prompt is to be used as it is", () => {
    const asked = { prompt: "a cat", prompt_mode: "as_is" as const };
    expect(upstreamPrompt(applyDefaults(asked, dalle3))).toBe(`${asIsInstruction}a cat`);
    expect(upstreamPrompt(applyDefaults({ prompt: "a cat" }, dalle3))).toBe("a cat");
  });

  it.each([dalle2, gptImage1, gptImage2])(
    "of $model goes upstream as it is in either mode: it doesn't rewrite",
    (model) => {
      expect(upstreamPrompt(applyDefaults({ prompt: "a cat", prompt_mode: "as_is" }, model))).toBe("a cat");
      const longest = "x".repeat(model.promptLimit);
      expect(validateParams({ prompt: longest, prompt_mode: "as_is" }, model)).toEqual([]);
    },
  );
});

describe("defaults", () => {
  it.each([
    ["gpt-image-1", "azure", "high"],
    ["gpt-image-1-mini", "azure", "medium"],
    ["gpt-image-1", "openai", "auto"],
  ] as const)("of %s at %s draw in quality %s", (model, kind, quality) => {
    expect(forService(findCapability(knownModels, model), kind).defaults.quality).toBe(quality);
  });

  it("poll DALL-E 2 at Azure and not at OpenAI, which answers at once", () => {
    expect(forService(dalle2, "azure").protocol).toBe("submit-poll");
    expect(forService(dalle2, "openai").protocol).toBe("many-per-call");
  });
});
