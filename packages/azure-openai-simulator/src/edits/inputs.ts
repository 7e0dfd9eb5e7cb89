import sharp from "sharp";
import type { EditInputs, Raster } from "../drawing/edited-picture.ts";
import type { Part } from "./form.ts";
import { badMask, invalidImage, type Measured } from "./input-check.ts";

/** Decodes every input whole, at the size it is drawn: a file that breaks off is refused, not painted over. */
export async function decodeInputs(
  [first, ...others]: readonly Part[],
  mask: Part | undefined,
  size: Measured,
): Promise<EditInputs> {
  const side = Math.max(16, Math.round(Math.min(size.width, size.height) / 5));
  const [base, tiles, cover] = await Promise.all([
    decode(first, size, "cubic", () => invalidImage(1)),
    Promise.all(
      others.map((part, at) =>
        decode(part, { width: side, height: side }, "cubic", () => invalidImage(at + 2)),
      ),
    ),
    mask === undefined
      ? undefined
      : decode(mask, size, "nearest", () => badMask("Invalid mask image format - mask cannot be read.")),
  ]);
  return { base, tiles, mask: cover };
}

async function decode(
  part: Part | undefined,
  { width, height }: Measured,
  kernel: "cubic" | "nearest",
  refusal: () => Error,
): Promise<Raster> {
  try {
    const pixels = await sharp(part?.bytes, { failOn: "truncated" })
      .resize({ width, height, fit: "fill", kernel })
      .toColourspace("srgb")
      .ensureAlpha()
      .raw()
      .toBuffer();
    return { pixels, width, height };
  } catch {
    throw refusal();
  }
}
