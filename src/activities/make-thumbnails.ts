import { thumbnailBlobName, thumbnailSizes } from "../domain/blob-name.ts";
import { mediaTypes } from "../domain/media-type.ts";
import type { ImageStore, JobStore, ThumbnailMaker } from "../ports.ts";

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
  thumbnails: ThumbnailMaker;
}

/** Makes and stores both thumbnails of one stored image. False for a picture that can't be decoded: no retry cures it. */
export const makeThumbnailsWith =
  ({ jobs, images, thumbnails }: Dependencies) =>
  async ({ jobId, index }: { jobId: string; index: number }): Promise<{ made: boolean }> => {
    const { slots } = await jobs.readProgress(jobId);
    const slot = slots.find((candidate) => candidate.index === index);
    if (slot?.state !== "stored") return { made: false };
    if (slot.hasThumbnails) return { made: true };
    const bytes = await images.read(slot.blob);
    for (const side of thumbnailSizes) {
      const thumbnail = await thumbnails.make(bytes, side);
      if (!thumbnail) return { made: false };
      await images.put(thumbnailBlobName(jobId, index, side), thumbnail, { contentType: mediaTypes.webp });
    }
    await jobs.markThumbnails(jobId, index);
    return { made: true };
  };
