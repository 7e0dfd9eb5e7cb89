import { semaphore } from "../../async/semaphore.ts";
import { provenanceXmp } from "../../domain/provenance.ts";
import type { RenditionMaker } from "../../ports/images.ts";
import { pngWithXmp } from "./png-xmp.ts";

// The largest image a model makes is 3840 x 2160; whatever claims to be far larger isn't decoded.
const maxPixels = 40_000_000;
const runExclusive = semaphore(1);

/**
 * Renditions by sharp, one at a time: each takes some fifty megabytes while it is made. What the picture said of its making is
 * lost with its other metadata, and said anew.
 */
export const sharpRenditionMaker: RenditionMaker = {
  make: (bytes, { width, format, quality, fit }, sourceType) =>
    runExclusive(async () => {
      const { default: sharp } = await import("sharp");
      try {
        const image = sharp(bytes, { limitInputPixels: maxPixels }).rotate();
        const { autoOrient } = await image.metadata();
        const square = Math.min(width ?? Infinity, autoOrient.width, autoOrient.height);
        // A square that would have to be larger than the picture is as large as fits into that.
        const wanted = fit === "cover" ? { width: square, height: square } : { width };
        const resized =
          width === undefined ? image : image.resize({ ...wanted, fit, withoutEnlargement: true });
        const xmp = provenanceXmp(sourceType);
        if (format === "png") return pngWithXmp(await resized.png().toBuffer(), xmp);
        return await resized.toFormat(format, { quality }).withXmp(xmp).toBuffer();
      } catch {
        // The bytes are the only input: what sharp refuses once it refuses always.
        return undefined;
      }
    }),
};
