import { AppError } from "../domain/app-error.ts";
import { tagOfId } from "../domain/job-id.ts";
import type { BatchStore, StoredBatch } from "../ports/batches.ts";
import type { JobIds } from "../ports/jobs.ts";

export interface BatchFinder {
  batches: BatchStore;
  ids: JobIds;
}

/** The caller's own batch. Another's is as unknown as one that never was. Throws `notFound`. */
export async function findBatchOf(
  { batches, ids }: BatchFinder,
  caller: string,
  id: string,
): Promise<StoredBatch> {
  const stored = tagOfId("batch", id) === ids.tagOf(caller) ? await batches.read(id) : undefined;
  if (stored?.batch.caller === caller && stored.batch.deletedAt === undefined) return stored;
  throw new AppError("notFound", "There is no such batch.");
}
