import { AppError } from "../domain/app-error.ts";
import { maxWriteRounds } from "../domain/batch.ts";
import type { BatchRecord } from "../ports/batches.ts";
import { type BatchFinder, findBatchOf } from "./find-batch.ts";

/** Changes a caller's batch, which others write as well; `change` answers undefined where nothing is to be written. */
export async function changeBatch(
  finder: BatchFinder,
  { caller, id }: { caller: string; id: string },
  change: (batch: BatchRecord) => BatchRecord | undefined,
): Promise<void> {
  for (let round = 0; round < maxWriteRounds; round += 1) {
    const stored = await findBatchOf(finder, caller, id);
    const batch = change(stored.batch);
    if (!batch || (await finder.batches.save({ ...stored, batch }))) return;
  }
  throw new AppError("internal", "a batch kept changing while it was written");
}
