import { AppError } from "../domain/app-error.ts";
import type { JobRecord, StoredImage } from "../ports/records.ts";
import { findJobOf, type JobFinder } from "./find-job.ts";

/** An image of the caller's own job. Throws `notFound` for one that failed, isn't there yet, or is somebody else's. */
export async function findImageOf(
  deps: JobFinder,
  caller: string,
  { jobId, index }: { jobId: string; index: number },
): Promise<[JobRecord, StoredImage]> {
  const [job, { slots }] = await findJobOf(deps, caller, jobId);
  const slot = slots.find((candidate) => candidate.index === index);
  if (!slot) throw new AppError("notFound", `Job has no image ${index}, or not yet.`);
  if (slot.state === "failed")
    throw new AppError("notFound", `There is no image ${slot.index}: ${slot.failure.message}`);
  return [job, slot];
}
