import sharp from "sharp";
import type { Dimensions } from "../../src/domain/image-size.ts";

/** Whole pictures, small and real: their pixels are decoded where that is what a test is about. */

export const small = { width: 24, height: 16 };
export const onItsSide = { width: 16, height: 24 };

const plain = ({ width, height }: Dimensions) =>
  sharp({ create: { width, height, channels: 3, background: "#cc5511" } });

export const aPhoto = (size: Dimensions = small): Promise<Buffer> => plain(size).png().toBuffer();
export const aJpeg = (size: Dimensions = small): Promise<Buffer> => plain(size).jpeg().toBuffer();
export const aWebp = (size: Dimensions = small): Promise<Buffer> => plain(size).webp().toBuffer();

/** As a phone writes it: stored on its side, and with words of who made it. */
export const aSidewaysJpeg = (size: Dimensions = small): Promise<Buffer> =>
  plain(size)
    .jpeg()
    .withExif({ IFD0: { Artist: "SOMEBODY" } })
    .withMetadata({ orientation: 6 })
    .toBuffer();

/** A mask whose pixels are as clear as said, by column and row. */
export function aMask(
  alphaAt: (x: number, y: number) => number = (x) => (x < 8 ? 0 : 255),
  { width, height }: Dimensions = small,
): Promise<Buffer> {
  const pixels = Array.from({ length: width * height }, (_, at) => [
    90,
    90,
    90,
    alphaAt(at % width, Math.floor(at / width)),
  ]);
  return sharp(Uint8Array.from(pixels.flat()), { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** Alpha of each pixel. */
export async function alphaOf(png: Uint8Array): Promise<number[]> {
  return [...(await sharp(png).ensureAlpha().extractChannel("alpha").raw().toBuffer())];
}

/** The same GIF, whose screen and first picture say that they have so many pixels on each side (GIF89a, sections 18 and 20). */
export function gifOf(gif: Uint8Array, side: number): Buffer {
  const claiming = Buffer.from(gif);
  const picture = claiming.indexOf(Buffer.of(0x2c, 0, 0, 0, 0));
  for (const at of [6, picture + 5]) {
    claiming.writeUInt16LE(side, at);
    claiming.writeUInt16LE(side, at + 2);
  }
  return claiming;
}
