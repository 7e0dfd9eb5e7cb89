import { thumbnailBlobName, thumbnailSizes } from "../domain/blob-name.ts";
import { mediaTypes } from "../domain/image-format/media-type.ts";
import type { ImageStore, ThumbnailMaker } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
  thumbnails: ThumbnailMaker;
}

/** Makes and stores both thumbnails of one stored image. False for a picture that can't be decoded: no retry cures it. */
export const makeThumbnailsWith =
  ({ jobs, images, thumbnails }: Dependencies) =>
  async ({ jobId, index }: { jobId: string; index: number }): Promise<{ made: boolean }> => {
    const names = thumbnailSizes.map((side) => thumbnailBlobName(jobId, index, side));
    /** A run before this one may have been cut off behind its write. */
    const isLate = async (): Promise<boolean> => {
      if (!(await jobs.isDeleted(jobId))) return false;
      await Promise.all(names.map((name) => images.remove(name)));
      return true;
    };
    const { slots } = await jobs.readProgress(jobId);
    const slot = slots.find((candidate) => candidate.index === index);
    if (await isLate()) return { made: false };
    if (slot?.state !== "stored") return { made: false };
    if (slot.hasThumbnails) return { made: true };
    const bytes = await images.read(slot.blob);
    for (const side of thumbnailSizes) {
      const thumbnail = await thumbnails.make(bytes, side);
      if (!thumbnail) return { made: false };
      await images.put(thumbnailBlobName(jobId, index, side), thumbnail, { contentType: mediaTypes.webp });
    }
    if (await isLate()) return { made: false };
    await jobs.markThumbnails(jobId, index);
    return { made: true };
  };
