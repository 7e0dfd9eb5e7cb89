import sharp from "sharp";
import { expect, it } from "vitest";
import { sharpRenditionMaker } from "../../../../src/adapters/storage/rendition-maker.ts";

const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: "#806040" } })
  .png()
  .toBuffer();

it.each([
  ["inside", 30, [30, 20]],
  ["inside", 128, [60, 40]],
  ["cover", 30, [30, 30]],
  ["cover", 50, [40, 40]],
  ["cover", 128, [40, 40]],
] as const)("%s at %i makes no picture larger than its original", async (fit, width, size) => {
  const made = await sharpRenditionMaker.make(
    picture,
    { fit, width, format: "png", quality: 80 },
    "trainedAlgorithmicMedia",
  );
  const { width: wide, height: high } = await sharp(made).metadata();
  expect([wide, high]).toEqual(size);
});
