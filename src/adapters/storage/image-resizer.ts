import { recogniseImage } from "../../domain/image-format/media-type.ts";
import { provenanceXmp } from "../../domain/provenance.ts";
import type { ImageResizer } from "../../ports/images.ts";
import { semaphore } from "../../async/semaphore.ts";
import { pngWithXmp } from "./png-xmp.ts";

// The largest image a model makes is 3840 x 2160; whatever claims to be far larger isn't decoded.
const maxPixels = 40_000_000;
const runExclusive = semaphore(1);

/** Results by sharp, one at a time: each takes some fifty megabytes while it is made anew. */
export const sharpImageResizer: ImageResizer = {
  resize: (bytes, { width, height }, sourceType) =>
    runExclusive(async () => {
      const kind = recogniseImage(bytes);
      if (!kind) return undefined;
      const { default: sharp } = await import("sharp");
      try {
        const resized = sharp(bytes, { limitInputPixels: maxPixels }).resize(width, height, { fit: "cover" });
        const xmp = provenanceXmp(sourceType);
        if (kind === "png") return pngWithXmp(await resized.png().toBuffer(), xmp);
        return await resized.toFormat(kind, { quality: 95 }).withXmp(xmp).toBuffer();
      } catch {
        // The bytes are the only input: what sharp refuses once it refuses always.
        return undefined;
      }
    }),
};
