import { describe, expect, it } from "vitest";
import { chooseDeployment, type Deployment, resolveDeployments } from "../../../src/domain/deployment.ts";
import { knownModels } from "../../../src/domain/model-catalogue.ts";

const deployments: Deployment[] = [
  { name: "three", model: "dall-e-3", kind: "azure" },
  { name: "two", model: "dall-e-2", kind: "azure" },
  { name: "image", model: "gpt-image-1", kind: "azure" },
  { name: "image-again", model: "gpt-image-1", kind: "azure" },
];
const offers = resolveDeployments(deployments, knownModels);
const choose = (params: object) => chooseDeployment({ prompt: "a cat", ...params }, offers);
const chosenName = (params: object) => {
  const chosen = choose(params);
  return chosen.ok ? chosen.offer.deployment.name : undefined;
};

describe("choosing a deployment", () => {
  it("takes the first that runs the named model", () => {
    expect(chosenName({ model: "gpt-image-1" })).toBe("image");
  });

  it("takes the named deployment", () => {
    expect(chosenName({ deployment: "image-again" })).toBe("image-again");
  });

  it("takes, where neither is named, the first whose model can do all that is asked", () => {
    expect(chosenName({})).toBe("three");
    expect(chosenName({ size: "512x512" })).toBe("two");
    expect(chosenName({ background: "opaque" })).toBe("image");
  });

  it("refuses an unknown model with those that are deployed", () => {
    expect(choose({ model: "dall-e-9" })).toMatchObject({
      violations: [{ param: "model", allowed: ["dall-e-3", "dall-e-2", "gpt-image-1"] }],
    });
  });

  it("refuses an unknown deployment with the names of those that are there", () => {
    expect(choose({ deployment: "four" })).toMatchObject({
      violations: [{ param: "deployment", allowed: ["three", "two", "image", "image-again"] }],
    });
  });

  it("refuses a deployment that runs another model than the one named", () => {
    expect(choose({ deployment: "two", model: "dall-e-3" })).toMatchObject({
      violations: [{ param: "model", allowed: ["dall-e-2"] }],
    });
  });

  it("names both rules for 512x512 with hd, which no model can do", () => {
    const chosen = choose({ n: 1, size: "512x512", quality: "hd", style: "vivid" });
    const messages = chosen.ok ? [] : chosen.violations.map(({ message }) => message);
    expect(messages.join("\n")).toMatch(/size "512x512" is not a size of dall-e-3/);
    expect(messages.join("\n")).toMatch(/quality is not a parameter of dall-e-2/);
  });
});
