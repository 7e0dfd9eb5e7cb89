import { thumbnailBlobName, thumbnailSizes } from "../domain/blob-name.ts";
import { mediaTypes } from "../domain/media-type.ts";
import type { ImageStore, JobStore, ThumbnailMaker } from "../ports.ts";

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
  thumbnails: ThumbnailMaker;
}

/** Makes and stores both thumbnails of one stored image. */
export const makeThumbnailsWith =
  ({ jobs, images, thumbnails }: Dependencies) =>
  async ({ jobId, index }: { jobId: string; index: number }): Promise<{ done: true }> => {
    const { slots } = await jobs.readProgress(jobId);
    const slot = slots.find((candidate) => candidate.index === index);
    if (slot?.state !== "stored" || slot.hasThumbnails) return { done: true };
    const bytes = await images.read(slot.blob);
    for (const side of thumbnailSizes) {
      const thumbnail = await thumbnails.make(bytes, side);
      await images.put(thumbnailBlobName(jobId, index, side), thumbnail, { contentType: mediaTypes.webp });
    }
    await jobs.markThumbnails(jobId, index);
    return { done: true };
  };
