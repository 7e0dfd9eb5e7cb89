import { thumbnailBlobName, thumbnailSizes } from "../domain/blob-name.ts";
import { digitalSourceTypeOf } from "../domain/provenance.ts";
import { mediaTypes } from "../domain/image-format/media-type.ts";
import type { ImageStore, ThumbnailMaker } from "../ports/images.ts";
import type { JobStore, RecalledJob } from "../ports/jobs.ts";
import type { StoredImage } from "../ports/records.ts";
import { recallOrRead } from "./recall-job.ts";

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
  thumbnails: ThumbnailMaker;
}

/**
 * Makes and stores the thumbnails of some of a job's images, one image after another, and tells how many images have them. A
 * picture that can't be decoded has none: no retry cures it. One that fails doesn't keep the others; a retry makes it.
 */
export const makeThumbnailsWith =
  ({ jobs, images, thumbnails }: Dependencies) =>
  async ({
    jobId,
    images: indexes,
  }: {
    jobId: string;
    images: readonly number[];
  }): Promise<{ made: number }> => {
    const hasAll = ({ progress }: RecalledJob) =>
      indexes.every((index) =>
        progress.slots.some((slot) => slot.state === "stored" && slot.index === index),
      );
    const found = await recallOrRead(jobs, jobId, hasAll);
    // A run before this one may have been cut off behind its writes.
    if (!found) return removeAll(indexes);
    const sourceType = digitalSourceTypeOf(found.job.kind);
    const failures: unknown[] = [];
    const made: number[] = [];
    const wanted = found.progress.slots.flatMap((slot) =>
      slot.state === "stored" && indexes.includes(slot.index) ? [slot] : [],
    );
    const missing = wanted.filter(({ hasThumbnails }) => !hasThumbnails);
    for (const image of missing) {
      try {
        if (await makeBoth(image)) made.push(image.index);
      } catch (error) {
        failures.push(error);
      }
    }
    if (made.length > 0 && !(await jobs.markThumbnails(jobId, made))) return removeAll(made);
    if (failures.length > 0) throw failures[0];
    return { made: wanted.length - missing.length + made.length };

    async function makeBoth({ index, blob }: StoredImage): Promise<boolean> {
      const made = await thumbnails.make(await images.read(blob), thumbnailSizes, sourceType);
      if (!made) return false;
      for (const [at, side] of thumbnailSizes.entries()) {
        const bytes = made[at];
        const name = thumbnailBlobName(jobId, index, side);
        if (bytes) await images.put(name, bytes, { contentType: mediaTypes.webp });
      }
      return true;
    }

    /** Behind a job's deletion nobody else would find them. */
    async function removeAll(late: readonly number[]): Promise<{ made: number }> {
      const names = late.flatMap((index) =>
        thumbnailSizes.map((side) => thumbnailBlobName(jobId, index, side)),
      );
      await Promise.all(names.map((name) => images.remove(name)));
      return { made: 0 };
    }
  };
