import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { hasContentCredentials } from "../../../../src/domain/image-format/content-credentials.ts";
import { readCredentials, unbroken, withCredentials } from "../../../support/content-credentials.ts";

const draw = () => sharp({ create: { width: 64, height: 64, channels: 3, background: "#2a6" } });

describe.each(["png", "jpeg", "webp"] as const)("a manifest of C2PA in %s", (format) => {
  const type = `image/${format}`;

  it("is found where C2PA's own library writes and reads it", async () => {
    const signed = await withCredentials(await draw().toFormat(format).toBuffer(), type);
    expect(await readCredentials(signed, type)).toEqual(expect.arrayContaining(unbroken));
    expect(hasContentCredentials(signed)).toBe(true);
  });

  it("is not found in a picture without one, however much else it has, or wherever it was cut off", async () => {
    const plain = await draw()
      .toFormat(format)
      .withExif({ IFD0: { Artist: "c2pa caBX C2PA" } })
      .toBuffer();
    await expect(readCredentials(plain, type)).rejects.toThrow();
    expect(hasContentCredentials(plain)).toBe(false);
    for (let end = 0; end < plain.length; end += 1)
      expect(hasContentCredentials(plain.subarray(0, end))).toBe(false);
  });
});
