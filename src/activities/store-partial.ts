import { partialBlobName } from "../domain/blob-name.ts";
import { mediaTypes, recogniseImage } from "../domain/image-format/media-type.ts";
import type { PartialImage } from "../ports/image-model.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";

/**
 * Stores a partial image and tells of it. Called again with the same, by a call that is repeated, it changes nothing.
 *
 * What goes wrong here is let go: a preview isn't worth the call that is being paid for. Returns the name of a blob that no
 * event may name: nobody would ever find it, so the caller removes it when storage can be asked.
 */
export async function storePartial(
  { jobs, images }: { jobs: JobStore; images: ImageStore },
  { jobId, index }: { jobId: string; index: number },
  { step, bytes }: Pick<PartialImage, "step" | "bytes">,
): Promise<string | undefined> {
  const kind = recogniseImage(bytes);
  if (!kind) return undefined;
  const blob = partialBlobName(jobId, index, step, kind);
  const contentType = mediaTypes[kind];
  try {
    const written = await images.put(blob, bytes, { contentType });
    const isRecorded = await jobs.append(jobId, { type: "image.partial", index, step, blob, contentType });
    // One that stood there already may be what an earlier run wrote, cut off behind that.
    if (!isRecorded && (written || (await jobs.isDeleted(jobId)))) await images.remove(blob);
    return undefined;
  } catch {
    return blob;
  }
}

/**
 * Removes what `storePartial` left, but for blobs that an event names after all: its write went well, and its answer was lost.
 * Behind a job's deletion the event goes too.
 */
export async function removeUnreferenced(
  { jobs, images }: { jobs: JobStore; images: ImageStore },
  jobId: string,
  blobs: readonly string[],
): Promise<void> {
  if (blobs.length === 0) return;
  const events = (await jobs.clearIfDeleted(jobId)) ? [] : await jobs.readEvents(jobId, 1);
  const named = new Set(events.flatMap((event) => (event.type === "image.partial" ? [event.blob] : [])));
  for (const blob of blobs) if (!named.has(blob)) await images.remove(blob);
}
