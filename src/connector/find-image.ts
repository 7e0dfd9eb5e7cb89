import { AppError } from "../domain/app-error.ts";
import { partsOfImageId } from "../domain/image-id.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import type { JobRecord, StoredImage } from "../ports/records.ts";

/** The caller's own image, by its ID. Throws `notFound` for one that is none, isn't there yet, or is somebody else's. */
export async function findImage(
  deps: JobFinder,
  caller: string,
  imageId: string,
): Promise<[JobRecord, StoredImage]> {
  const parts = partsOfImageId(imageId);
  if (!parts) throw new AppError("notFound", "There is no such image.");
  const [job, { slots }] = await findJobOf(deps, caller, parts.jobId);
  const slot = slots.find(({ index }) => index === parts.index);
  if (!slot) throw new AppError("notFound", `Job has no image ${parts.index}, or not yet.`);
  if (slot.state === "failed")
    throw new AppError("notFound", `There is no image ${slot.index}: ${slot.failure.message}`);
  return [job, slot];
}
