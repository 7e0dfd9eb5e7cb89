import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { identifyImage } from "../../../src/domain/received-image.ts";

const draw = () => sharp({ create: { width: 48, height: 32, channels: 3, background: "#2a6" } });
const svg = (attributes: string) =>
  Buffer.from(`<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" ${attributes}/>`);
const bmp = () => {
  const head = Buffer.alloc(54);
  head.write("BM");
  head.writeInt32LE(48, 18);
  head.writeInt32LE(-32, 22);
  return head;
};
const size = { width: 48, height: 32 };
const unknown = { width: 0, height: 0 };

describe("a received picture", () => {
  it.each([
    ["png", "image/png", draw().png().toBuffer(), size],
    ["jpg", "image/jpeg", draw().jpeg().toBuffer(), size],
    ["webp", "image/webp", draw().webp().toBuffer(), size],
    ["gif", "image/gif", draw().gif().toBuffer(), size],
    ["avif", "image/avif", draw().avif().toBuffer(), size],
    ["tiff", "image/tiff", draw().tiff().toBuffer(), unknown],
    ["bmp", "image/bmp", bmp(), size],
    ["svg", "image/svg+xml", svg('width="48" height="32"'), size],
    ["svg", "image/svg+xml", svg('width="100%" viewBox="0 0 48 32"'), size],
    ["svg", "image/svg+xml", svg(""), unknown],
    ["jxl", "image/jxl", Buffer.from("\xff\x0a____", "latin1"), unknown],
  ])("is stored as what it is: %s, %s", async (extension, contentType, bytes, dimensions) => {
    expect(identifyImage(await bytes)).toEqual({ extension, contentType, ...dimensions });
  });

  it.each(["png", "jpeg", "webp"] as const)("of kind %s may have bytes behind its end", async (kind) => {
    const bytes = await draw()[kind]().toBuffer();
    for (const tail of ["\r\n", "\0", "\0".repeat(512), "x".repeat(5_000)])
      expect(identifyImage(Buffer.concat([bytes, Buffer.from(tail, "latin1")]))).toMatchObject(size);
  });

  it.each(["png", "jpeg", "webp"] as const)("of kind %s that was cut short is none", async (kind) => {
    const bytes = await draw()[kind]().toBuffer();
    expect(identifyImage(bytes.subarray(0, -9))).toBeUndefined();
  });

  it("whose header holds a small picture with an end of its own is cut short all the same", async () => {
    const inner = await draw().resize(8).jpeg().toBuffer();
    const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 0]), inner]);
    segment.writeUInt16BE(segment.length - 2, 2);
    const outer = await draw().jpeg().toBuffer();
    const whole = Buffer.concat([outer.subarray(0, 2), segment, outer.subarray(2)]);
    expect(identifyImage(whole)).toMatchObject(size);
    expect(identifyImage(whole.subarray(0, -9))).toBeUndefined();
  });

  it.each(["", "<html><svg/></html>", "{}", "BM is a word", "x".repeat(99)])("is not seen in %j", (text) => {
    expect(identifyImage(Buffer.from(text))).toBeUndefined();
  });
});
