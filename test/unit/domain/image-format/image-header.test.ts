import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { isWhole, readDimensions } from "../../../../src/domain/image-format/image-header.ts";
import { joined } from "../../../support/image-parts.ts";
import {
  extensionOf,
  type ImageKind,
  recogniseImage,
} from "../../../../src/domain/image-format/media-type.ts";

const draw = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#2a6" } });
const kinds: ImageKind[] = ["png", "jpeg", "webp"];
const variants: [string, ImageKind, Promise<Buffer>][] = [
  ["a png", "png", draw(1792, 1024).png().toBuffer()],
  ["a baseline jpeg", "jpeg", draw(1792, 1024).jpeg().toBuffer()],
  [
    "a progressive jpeg",
    "jpeg",
    draw(1792, 1024)
      .jpeg({ progressive: true })
      .withExif({ IFD0: { Artist: "x" } })
      .toBuffer(),
  ],
  ["a lossy webp", "webp", draw(1792, 1024).webp().toBuffer()],
  ["a lossless webp", "webp", draw(1792, 1024).webp({ lossless: true }).toBuffer()],
  ["a webp with transparency", "webp", draw(1792, 1024).ensureAlpha(0.5).webp().toBuffer()],
];

describe("the header", () => {
  it.each(variants)("of %s tells its kind and size", async (_name, kind, image) => {
    const bytes = await image;
    expect(recogniseImage(bytes)).toBe(kind);
    expect(readDimensions(bytes, kind)).toEqual({ width: 1792, height: 1024 });
  });

  it.each(variants)(
    "of %s, cut anywhere, tells nothing or the truth and never throws",
    async (_name, kind, image) => {
      const bytes = await image;
      for (let length = 0; length < Math.min(bytes.length, 700); length += 1) {
        const found = readDimensions(bytes.subarray(0, length), kind);
        expect(found === undefined || (found.width === 1792 && found.height === 1024)).toBe(true);
      }
    },
  );

  it.each(variants)("of %s is followed by its end, unless it was cut", async (_name, kind, image) => {
    const bytes = await image;
    expect(isWhole(bytes, kind)).toBe(true);
    for (const length of [0, 8, 300, bytes.length >> 1, bytes.length - 2]) {
      expect(isWhole(bytes.subarray(0, Math.min(length, bytes.length - 2)), kind)).toBe(false);
    }
  });

  it.each([
    ["zeros", "\0\0\0"],
    ["a stuffed zero", "\xff\0"],
    ["a mark without a segment", "\xff\x01"],
    ["many fill bytes", "\xff".repeat(9)],
  ])("of a jpeg is found behind %s", async (_what, stray) => {
    const bytes = await draw(1792, 1024).jpeg().toBuffer();
    const odd = joined(bytes.subarray(0, 2), stray, bytes.subarray(2));
    expect(readDimensions(odd, "jpeg")).toEqual({ width: 1792, height: 1024 });
  });

  it.each(["GIF89a", "<html>", "", "RIFFxxxxAVI "])("is not seen in %j", (text) => {
    expect(recogniseImage(new TextEncoder().encode(text))).toBeUndefined();
  });

  it("is not believed when it claims no pixels", async () => {
    const bytes = Uint8Array.from(await draw(8, 8).png().toBuffer());
    bytes.fill(0, 16, 20);
    expect(readDimensions(bytes, "png")).toBeUndefined();
  });
});

it("files carry the usual suffix", () => {
  expect(kinds.map(extensionOf)).toEqual(["png", "jpg", "webp"]);
});
