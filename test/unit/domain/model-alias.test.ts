import { describe, expect, it } from "vitest";
import {
  chooseDeployment,
  type ResolvedDeployment,
  resolveDeployments,
} from "../../../src/domain/deployment.ts";
import { toEditRequest } from "../../../src/domain/edit-request.ts";
import { validateParams, type ImageParams, upstreamPrompt } from "../../../src/domain/image-request.ts";
import { aliasOffer, nearestSize, toGenerationRequest } from "../../../src/domain/model-alias.ts";
import { findCapability, knownModels } from "../../../src/domain/model-catalogue.ts";

const personas = ["dall-e-2", "dall-e-3"].map((model) => findCapability(knownModels, model));
function standInFor(name: string, model = "gpt-image-2"): ResolvedDeployment {
  const [living] = resolveDeployments([{ name: "living", model, kind: "azure" }], knownModels);
  if (!living) throw new Error("There is one.");
  return aliasOffer(
    name,
    personas.find((persona) => persona.model === name),
    living,
    personas,
  );
}
const recorded = (name: string, params: ImageParams, model?: string) =>
  toGenerationRequest(params, standInFor(name, model));

describe("a size that the living model doesn't take", () => {
  const gptImage1 = findCapability(knownModels, "gpt-image-1");
  const gptImage2 = findCapability(knownModels, "gpt-image-2");
  it.each([
    ["256x256", gptImage2, "816x816"],
    ["512x512", gptImage2, "816x816"],
    ["1792x1024", gptImage2, "1792x1024"],
    ["100x10", gptImage2, "1408x480"],
    ["9000x9000", gptImage2, "2880x2880"],
    ["auto", gptImage2, "auto"],
    ["512x512", gptImage1, "1024x1024"],
    ["1792x1024", gptImage1, "1536x1024"],
    ["1024x1792", gptImage1, "1024x1536"],
  ])("%s is asked of it as the nearest", (size, model, nearest) => {
    expect(nearestSize(size, model)).toBe(nearest);
    expect(validateParams({ prompt: "a", size: nearest }, model)).toEqual([]);
  });
});

describe("a request for a retired model", () => {
  it("is mapped to what the living one takes, and says what was asked", () => {
    const asked = {
      prompt: "a cat",
      n: 2,
      size: "256x256",
      quality: "hd",
      style: "natural",
      response_format: "url",
    };
    const { request, requested } = recorded("dall-e-3", asked);
    expect(request).toMatchObject({ prompt: "a cat", n: 2, size: "816x816", quality: "high" });
    expect(request).not.toHaveProperty("style");
    expect(request).not.toHaveProperty("response_format");
    expect(upstreamPrompt(request)).toBe("a cat\n\nStyle: natural, that is less hyper-real.");
    const { size, quality, style, response_format } = asked;
    expect(requested).toEqual({ model: "dall-e-3", size, quality, style, response_format });
  });

  it.each(["dall-e-2", "dall-e-3"])(
    "of %s is not made at the living model's dearest quality unasked",
    (name) => {
      const { request, requested } = recorded(name, { prompt: "a" });
      expect(request).toMatchObject({ quality: "medium", size: "1024x1024" });
      expect([requested, upstreamPrompt(request)]).toEqual([{ model: name }, "a"]);
    },
  );

  it("keeps values that the living model takes", () => {
    const { request, requested } = recorded("dall-e-3", { prompt: "a", size: "1792x1024", quality: "low" });
    expect(request).toMatchObject({ size: "1792x1024", quality: "low" });
    expect(requested).toEqual({ model: "dall-e-3" });
  });

  it("is refused for values that neither has", () => {
    const { capability } = standInFor("dall-e-3");
    const params = { prompt: "a", size: "1x1", quality: "best", style: "bold", response_format: "text" };
    expect(validateParams(params, capability).map(({ param }) => param)).toEqual([
      "size",
      "quality",
      "style",
      "response_format",
    ]);
  });

  it("may be an edit, which keeps its input's shape unless it names a size", () => {
    expect(toEditRequest({ prompt: "a" }, standInFor("dall-e-2")).request.size).toBe("auto");
    const { request, requested } = toEditRequest({ prompt: "a", size: "512x512" }, standInFor("dall-e-2"));
    expect([request.size, requested?.size]).toEqual(["816x816", "512x512"]);
  });
});

describe("a choice among offers", () => {
  const living = resolveDeployments([{ name: "living", model: "gpt-image-2", kind: "azure" }], knownModels);
  const offers = [...living, standInFor("dall-e-3")];
  const chosen = (params: Partial<ImageParams> & { model?: string; deployment?: string }) => {
    const choice = chooseDeployment({ prompt: "a", ...params }, offers);
    return choice.ok ? [choice.offer.deployment.name, choice.offer.alias?.name] : choice.violations;
  };

  it("takes a stand-in by its name, as model or deployment", () => {
    expect(chosen({ model: "dall-e-3" })).toEqual(["living", "dall-e-3"]);
    expect(chosen({ deployment: "dall-e-3" })).toEqual(["living", "dall-e-3"]);
    expect(chosen({ model: "gpt-image-2" })).toEqual(["living", undefined]);
  });

  it("takes one without a name only where no living model can do what is asked", () => {
    expect(chosen({})).toEqual(["living", undefined]);
    expect(chosen({ size: "512x512", quality: "hd", style: "vivid" })).toEqual(["living", "dall-e-3"]);
  });

  it("lists it among what there is", () => {
    expect(chosen({ model: "dall-e-9" })).toMatchObject([{ allowed: ["gpt-image-2", "dall-e-3"] }]);
  });
});
