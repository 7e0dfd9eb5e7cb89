import { describe, expect, it } from "vitest";
import { checkInputs, needsNormalizing, uprightSize } from "../../../src/domain/edit-inputs.ts";
import type { ImageFacts } from "../../../src/domain/image-format/image-inspection.ts";
import { defaultEditLimits } from "../../../src/domain/model-catalogue.ts";

const plain: ImageFacts = {
  kind: "png",
  width: 24,
  height: 16,
  bytes: 100,
  hasAlpha: true,
  orientation: 1,
  hasExtras: false,
  isCmyk: false,
};
const image = (change: Partial<ImageFacts> = {}, param = "image") => ({
  param,
  facts: { ...plain, ...change },
});
const mask = (change: Partial<ImageFacts> = {}) => image(change, "mask");
const rules = { model: "gpt-image-1", limits: defaultEditLimits, maskMode: "strict" as const };

describe("a picture's upright size", () => {
  it.each([1, 2, 3, 4])("is as stored at orientation %i", (orientation) => {
    expect(uprightSize({ ...plain, orientation })).toEqual({ width: 24, height: 16 });
  });

  it.each([5, 6, 7, 8])("is turned at orientation %i", (orientation) => {
    expect(uprightSize({ ...plain, orientation })).toEqual({ width: 16, height: 24 });
  });
});

it.each([
  [{}, false],
  [{ orientation: 2 }, true],
  [{ orientation: 8 }, true],
  [{ hasExtras: true }, true],
  [{ isCmyk: true }, true],
])("a picture with %j is made anew: %s", (change, isMadeAnew) => {
  expect(needsNormalizing({ ...plain, ...change })).toBe(isMadeAnew);
});

describe("inputs", () => {
  it("that keep every rule break none", () => {
    const images = Array.from({ length: 16 }, () => image());
    expect(checkInputs(images, mask(), rules)).toEqual([]);
    expect(checkInputs([image({ kind: "jpeg", hasAlpha: false })], undefined, rules)).toEqual([]);
  });

  it("at the very limit of weight break none, and above it are too large", () => {
    const limits = { ...defaultEditLimits, imageBytes: 100, maskBytes: 50 };
    expect(checkInputs([image()], mask({ bytes: 50 }), { ...rules, limits })).toEqual([]);
    expect(
      checkInputs([image(), image({ bytes: 101 }, "b")], mask({ bytes: 51 }), { ...rules, limits }),
    ).toEqual([
      {
        code: "tooLarge",
        param: "b",
        message: "b has 101 bytes as image/png; at most 100 are allowed.",
        allowed: [100],
      },
      {
        code: "tooLarge",
        param: "mask",
        message: "mask has 51 bytes as image/png; at most 50 are allowed.",
        allowed: [50],
      },
    ]);
  });

  it("that are none, or too many, are refused by their number", () => {
    expect(checkInputs([], undefined, rules)).toMatchObject([{ code: "invalidRequest", param: "image" }]);
    expect(checkInputs([], mask(), rules)).toHaveLength(1);
    expect(
      checkInputs(
        Array.from({ length: 17 }, () => image()),
        undefined,
        rules,
      ),
    ).toMatchObject([{ param: "image", message: "17 images were sent; gpt-image-1 takes at most 16." }]);
  });
});

describe("a mask", () => {
  it("belongs to the first image alone", () => {
    expect(checkInputs([image(), image({ width: 99 })], mask(), rules)).toEqual([]);
    expect(checkInputs([image({ width: 99 }), image()], mask(), rules)).toMatchObject([
      { param: "mask", allowed: ["99x16"] },
    ]);
  });

  it("must have alpha, whatever becomes of its size", () => {
    for (const maskMode of ["strict", "resize"] as const)
      expect(checkInputs([image()], mask({ hasAlpha: false }), { ...rules, maskMode })).toMatchObject([
        { code: "invalidRequest", param: "mask", message: expect.stringContaining("no alpha") as string },
      ]);
  });

  it.each([{ width: 25 }, { height: 17 }, { width: 16, height: 24 }])(
    "of size %j is refused when strict, and stretched when asked",
    (size) => {
      expect(checkInputs([image()], mask(size), rules)).toHaveLength(1);
      expect(checkInputs([image()], mask(size), { ...rules, maskMode: "resize" })).toEqual([]);
    },
  );

  it("is compared as people see both, each turned by its own orientation", () => {
    const onItsSide = { width: 16, height: 24, orientation: 6 };
    expect(checkInputs([image(onItsSide)], mask(), rules)).toEqual([]);
    expect(checkInputs([image()], mask(onItsSide), rules)).toEqual([]);
    expect(checkInputs([image(onItsSide)], mask({ width: 16, height: 24 }), rules)).toMatchObject([
      { message: expect.stringContaining("mask is 16x24 and image is 24x16") as string, allowed: ["24x16"] },
    ]);
  });
});
