import { partialBlobName } from "../domain/blob-name.ts";
import { mediaTypes, recogniseImage } from "../domain/media-type.ts";
import type { JobEvent } from "../domain/job-event.ts";
import type { ImageStore, JobStore, PartialImage } from "../ports.ts";

/**
 * Stores a partial image and tells of it. Called again with the same, by a call that is repeated, it changes nothing.
 *
 * What goes wrong here is let go: a preview isn't worth the call that is being paid for.
 */
export async function keepPartial(
  { jobs, images }: { jobs: JobStore; images: ImageStore },
  { jobId, index }: { jobId: string; index: number },
  { step, bytes }: Pick<PartialImage, "step" | "bytes">,
): Promise<void> {
  const kind = recogniseImage(bytes);
  if (!kind) return;
  const blob = partialBlobName(jobId, index, step, kind);
  const contentType = mediaTypes[kind];
  try {
    const written = await images.put(blob, bytes, { contentType });
    const told = await tell({ jobs, images }, jobId, {
      type: "image.partial",
      index,
      step,
      blob,
      contentType,
    });
    // One that stood there already may be what an earlier run wrote, cut off behind that.
    if (!told && (written || (await jobs.isDeleted(jobId)))) await images.remove(blob);
  } catch {
    return;
  }
}

/** Nobody would ever find a blob that no event names. */
async function tell(
  { jobs, images }: { jobs: JobStore; images: ImageStore },
  jobId: string,
  event: Extract<JobEvent, { type: "image.partial" }>,
): Promise<boolean> {
  try {
    return await jobs.append(jobId, event);
  } catch (error) {
    await images.remove(event.blob);
    throw error;
  }
}
