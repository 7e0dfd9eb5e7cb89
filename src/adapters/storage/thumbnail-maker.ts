import { provenanceXmp } from "../../domain/provenance.ts";
import type { ThumbnailMaker } from "../../ports/images.ts";

// The largest image a model makes is 3840 x 2160; whatever claims to be far larger isn't decoded.
const maxPixels = 40_000_000;

// Of a picture this small, more effort takes several times as long for a few hundred bytes.
const webp = { quality: 80, effort: 0 };

/** Thumbnails by sharp, which is loaded when the first one is made: it is the heaviest package of all. */
export const sharpThumbnailMaker: ThumbnailMaker = {
  async make(bytes, sides, sourceType) {
    const { default: sharp } = await import("sharp");
    const within = (side: number) =>
      ({ width: side, height: side, fit: "inside", withoutEnlargement: true }) as const;
    try {
      // Decoded once: the smaller ones are made from the largest.
      const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels })
        .rotate()
        .resize(within(Math.max(...sides)))
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { width, height, channels } = info;
      const largest = () => sharp(data, { raw: { width, height, channels } });
      const xmp = provenanceXmp(sourceType);
      return await Promise.all(
        sides.map((side) => largest().resize(within(side)).webp(webp).withXmp(xmp).toBuffer()),
      );
    } catch {
      // The bytes are the only input: what sharp refuses once it refuses always.
      return undefined;
    }
  },
};
