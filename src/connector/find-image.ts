import { AppError } from "../domain/app-error.ts";
import { partsOfImageId } from "../domain/image-id.ts";
import { findImageOf } from "../jobs/find-image.ts";
import type { JobFinder } from "../jobs/find-job.ts";
import type { JobRecord, StoredImage } from "../ports/records.ts";

/** The caller's own image, by its ID. Throws `notFound` for one that is none, isn't there yet, or is somebody else's. */
export async function findImage(
  deps: JobFinder,
  caller: string,
  imageId: string,
): Promise<[JobRecord, StoredImage]> {
  const parts = partsOfImageId(imageId);
  if (!parts) throw new AppError("notFound", "There is no such image.");
  return findImageOf(deps, caller, parts);
}
