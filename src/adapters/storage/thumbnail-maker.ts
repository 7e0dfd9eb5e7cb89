import type { ThumbnailMaker } from "../../ports/images.ts";

// The largest image a model makes is 3840 x 2160; whatever claims to be far larger isn't decoded.
const maxPixels = 40_000_000;

/** Thumbnails by sharp, which is loaded when the first one is made: it is the heaviest package of all. */
export const sharpThumbnailMaker: ThumbnailMaker = {
  async make(bytes, side) {
    const { default: sharp } = await import("sharp");
    try {
      return await sharp(bytes, { limitInputPixels: maxPixels })
        .rotate()
        .resize({ width: side, height: side, fit: "inside", withoutEnlargement: true })
        .webp({ quality: 80 })
        .toBuffer();
    } catch {
      // The bytes are the only input: what sharp refuses once it refuses always.
      return undefined;
    }
  },
};
