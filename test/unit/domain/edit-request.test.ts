import { describe, expect, it } from "vitest";
import { type Deployment, resolveDeployments } from "../../../src/domain/deployment.ts";
import { chooseEditor, completeEdit } from "../../../src/domain/edit-request.ts";
import { findCapability, knownModels } from "../../../src/domain/model-catalogue.ts";

const all: Deployment[] = [
  { name: "dalle3", model: "dall-e-3", kind: "azure" },
  { name: "image", model: "gpt-image-1", kind: "azure" },
  { name: "mini", model: "gpt-image-1-mini", kind: "azure" },
  { name: "image-again", model: "gpt-image-1", kind: "azure" },
];
const choose = (params: object, deployments = all) =>
  chooseEditor({ prompt: "a hat", ...params }, resolveDeployments(deployments, knownModels));
const nameOf = (params: object) => {
  const chosen = choose(params);
  return chosen.ok ? chosen.offer.deployment.name : chosen.violations;
};

describe("choosing who edits", () => {
  it("passes over models that can't, where none is named", () => {
    expect(nameOf({})).toBe("image");
  });

  it("takes the model or deployment that is named", () => {
    expect(nameOf({ model: "gpt-image-1-mini" })).toBe("mini");
    expect(nameOf({ deployment: "image-again" })).toBe("image-again");
    expect(nameOf({ deployment: "image-again", model: "gpt-image-1" })).toBe("image-again");
  });

  it("refuses one that can't by the name it was called by, with each model that can, once", () => {
    const message = "dall-e-3 can't edit images; models that can: gpt-image-1, gpt-image-1-mini.";
    const allowed = ["gpt-image-1", "gpt-image-1-mini"];
    expect(nameOf({ model: "dall-e-3" })).toEqual([{ param: "model", message, allowed }]);
    expect(nameOf({ deployment: "dalle3" })).toEqual([{ param: "deployment", message, allowed }]);
    expect(nameOf({ deployment: "dalle3", model: "dall-e-3" })).toEqual([
      { param: "model", message, allowed },
    ]);
  });

  it("refuses what isn't deployed with those that edit", () => {
    expect(nameOf({ model: "gpt-image-9" })).toMatchObject([
      { param: "model", allowed: ["gpt-image-1", "gpt-image-1-mini"] },
    ]);
  });

  it("refuses any request where nothing that is deployed edits", () => {
    const [dalle3] = all;
    for (const params of [{}, { model: "dall-e-3" }])
      expect(choose(params, dalle3 ? [dalle3] : [])).toMatchObject({
        ok: false,
        violations: [{ param: "model", allowed: [], message: expect.stringContaining("no model") as string }],
      });
  });

  it("tells of all rules that the named model would break", () => {
    expect(nameOf({ model: "gpt-image-1", size: "1x1", n: 11 })).toMatchObject([
      { param: "n" },
      { param: "size" },
    ]);
  });

  it("finds the model that knows what was asked", () => {
    const [, image, mini] = all;
    const chosen = choose({ input_fidelity: "high" }, mini && image ? [mini, image] : []);
    expect(chosen.ok && chosen.offer.deployment.name).toBe("image");
  });
});

describe("what is recorded of an edit", () => {
  const capability = findCapability(knownModels, "gpt-image-1");

  it("has its size left to the service unless the caller names one", () => {
    expect(completeEdit({ prompt: "a" }, capability).size).toBe("auto");
    expect(completeEdit({ prompt: "a", size: "1024x1536" }, capability).size).toBe("1024x1536");
  });

  it("says of the mask only what differs from the usual", () => {
    const usual = completeEdit({ prompt: "a", mask_mode: "strict", mask_invert: false }, capability);
    expect(usual).toEqual(completeEdit({ prompt: "a" }, capability));
    expect(Object.keys(usual).join()).not.toMatch(/mask/);
    expect(completeEdit({ prompt: "a", mask_mode: "resize", mask_invert: true }, capability)).toMatchObject({
      mask_mode: "resize",
      mask_invert: true,
    });
  });
});
