import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  ImageInspection,
  isRejection,
  type ImageRejection,
  type SourceFacts,
} from "../../../../src/domain/image-format/image-inspection.ts";
import { hostileImages } from "../../../support/hostile-images.ts";
import { corpusLimits } from "../../../support/image-case.ts";
import {
  ihdr,
  joined,
  jpegFrame,
  pngSignature,
  pngWith,
  vp8l,
  webpOf,
} from "../../../support/image-parts.ts";
import { inspect, inspectCase, newInspection } from "../../../support/inspect-image.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const maxGrowthBytes = 10 * 2 ** 20;
const memory = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const summary = (outcome: SourceFacts | ImageRejection) => (isRejection(outcome) ? outcome.code : "accepted");

describe("inspected by its bytes,", () => {
  it.each(hostileImages)("$name", async (image) => {
    const outcome = await inspectCase(image);
    expect(summary(outcome), JSON.stringify(outcome)).toBe(image.expect);
    if (isRejection(outcome)) expect(outcome.message).toMatch(image.about ?? /never/);
    else expect(outcome).toMatchObject(image.facts ?? {});
  });

  it("odd images come by the hundred, each under its own name", () => {
    expect(new Set(hostileImages.map(({ name }) => name)).size).toBe(hostileImages.length);
    expect(hostileImages.length).toBeGreaterThanOrEqual(140);
  });

  it("no image takes 10 MB of memory, however large it is", async () => {
    for (const image of hostileImages) {
      const bytes = image.bytes();
      if (bytes instanceof Uint8Array && bytes.length < 64 * 1024) continue;
      collectGarbage();
      const before = memory();
      let most = 0;
      await inspectCase({ bytes: () => bytes }, () => {
        // What is garbage by now isn't held; collecting it each time would take minutes.
        if (memory() - before >= maxGrowthBytes) collectGarbage();
        most = Math.max(most, memory() - before);
      });
      expect(most, image.name).toBeLessThan(maxGrowthBytes);
    }
  });
});

describe("a limit", () => {
  it("on bytes is objected to as soon as it's passed", () => {
    const maximumBytes = 2 ** 19;
    const inspection = newInspection({ maximumBytes });
    const png = pngWith();
    expect(inspection.push(png)).toBeUndefined();
    expect(inspection.push(new Uint8Array(maximumBytes - png.length))).toBeUndefined();
    const message = "is larger than 524,288 bytes (0.5 MB)";
    const rejection = { code: "tooLarge", message, allowed: [maximumBytes] };
    expect(inspection.push(new Uint8Array(1))).toEqual(rejection);
    expect(inspection.end()).toEqual(rejection);
  });

  it("on bytes yields to what is wrong with the bytes within it", () => {
    const broken = joined(pngSignature, ihdr({ width: 0 }), new Uint8Array(1000));
    expect(inspect(broken, [2000], { maximumBytes: 100 })).toMatchObject({ code: "invalidRequest" });
  });

  it("on bytes comes before what is wrong with the bytes beyond it", () => {
    const broken = joined(pngSignature, ihdr(), new Uint8Array(1000));
    expect(inspect(broken, [2000], { maximumBytes: 40 })).toMatchObject({ code: "tooLarge" });
  });

  it.each([
    ["PNG", joined(pngSignature, ihdr({ width: 101, height: 1 }))],
    ["JPEG", joined("\xff\xd8", jpegFrame({ width: 1, height: 101 }))],
    ["WebP", webpOf([vp8l({ width: 101 })])],
  ])("on pixels is objected to when the header of a %s is there, not a byte later", (_kind, bytes) => {
    const message = expect.stringMatching(/101.* pixels; no side may be longer than 100/) as string;
    const inspection = newInspection({ maxSide: 100 });
    const rejections = Array.from(bytes, (_byte, at) => inspection.push(bytes.subarray(at, at + 1)));
    expect(rejections.find(isRejection)).toEqual({ code: "tooLarge", message, allowed: [100] });
  });

  it("on pixels says what is allowed", () => {
    expect(inspect(pngWith(), undefined, { maximumPixels: 63 })).toEqual({
      code: "tooLarge",
      message: "is 8x8 pixels, 64 in all; at most 63 are allowed",
      allowed: [63],
    });
  });

  it("on kinds names those that are allowed", () => {
    expect(inspect(webpOf([vp8l()]), undefined, { kinds: ["png", "jpeg"] })).toEqual({
      code: "unsupportedMedia",
      message: "is a WebP image; it must be one of: image/png, image/jpeg",
      allowed: ["image/png", "image/jpeg"],
    });
  });

  it("on kinds shapes the advice for others", () => {
    expect(inspect(joined("\0\0\0\x10ftypheic\0\0\0\0"), undefined, { kinds: ["png"] })).toEqual({
      code: "unsupportedMedia",
      message: "is a HEIC photo, which the image service can't read; save or send it as PNG",
      allowed: ["image/png"],
    });
  });
});

describe("an inspection", () => {
  it("doesn't blame the image for a failure of something else", () => {
    const inspection = new ImageInspection(corpusLimits, () => {
      throw new Error("no checksums today");
    });
    expect(() => inspection.push(pngWith())).toThrow("no checksums today");
  });

  it("stays with its rejection, whatever comes after", () => {
    const inspection = newInspection();
    const rejection = inspection.push(joined(pngSignature, ihdr({ width: 0 })));
    expect(rejection).toMatchObject({ code: "invalidRequest" });
    expect(inspection.push(pngWith())).toBe(rejection);
    expect(inspection.end()).toBe(rejection);
  });

  it("has the facts of an image and nothing else", () => {
    const png = pngWith();
    const facts = { width: 8, height: 8, hasAlpha: false, orientation: 1, hasExtras: false, isCmyk: false };
    expect(inspect(png, undefined, corpusLimits)).toEqual({ kind: "png", bytes: png.length, ...facts });
  });
});
