import { errorInfo } from "../domain/app-error.ts";
import { unusableBlobName } from "../domain/blob-name.ts";
import { mediaTypes, recogniseImage } from "../domain/image-format/media-type.ts";
import type { ImageStore } from "../ports/images.ts";
import type { SlotRecord } from "../ports/records.ts";

const why = "The service returned something that is not a usable image.";

/**
 * Keeps what came in an image's place, as it came: it is paid for, and somebody may know what it is. One of an unknown kind
 * would be the same another time, so that a retry only costs; a picture that was cut short may be whole. Throws what storage
 * throws.
 */
export async function storeUnusable(
  images: ImageStore,
  jobId: string,
  index: number,
  content: Uint8Array,
): Promise<SlotRecord> {
  const failure = errorInfo("upstreamUnavailable", why);
  const bytes = content.byteLength;
  if (bytes === 0) return { state: "failed", index, failure };
  const kind = recogniseImage(content);
  const contentType = kind ? mediaTypes[kind] : "application/octet-stream";
  const blob = unusableBlobName(jobId, index);
  await images.put(blob, content, { contentType });
  return {
    state: "failed",
    index,
    failure: { ...failure, message: `${why} It is kept as it came.`, retryable: kind !== undefined },
    file: { blob, contentType, bytes },
  };
}
