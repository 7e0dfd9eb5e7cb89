import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { weigh } from "../../src/drawing/weight.ts";

const blank = { create: { width: 8, height: 8, channels: 3, background: "red" } } as const;

describe("a picture made heavier", () => {
  it.each(["png", "jpeg"] as const)("is a whole %s of any weight above its own", async (format) => {
    const file = await sharp(blank).toFormat(format).toBuffer();
    const extra = fc.oneof(fc.integer({ min: 12, max: 300_000 }), fc.integer({ min: 65_530, max: 65_545 }));
    await fc.assert(
      fc.asyncProperty(extra, async (more) => {
        const heavy = weigh(file, file.length + more);
        expect(heavy.length).toBe(file.length + more);
        expect((await sharp(heavy).raw().toBuffer()).length).toBe(8 * 8 * 3);
      }),
      { numRuns: 60 },
    );
  });

  it("is itself when it is told to weigh less", async () => {
    const file = await sharp(blank).png().toBuffer();
    expect(weigh(file, 10)).toBe(file);
    expect(weigh(file, undefined)).toBe(file);
  });
});
