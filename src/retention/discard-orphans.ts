import { isPartialBlob } from "../domain/blob-name.ts";
import { errorInfo } from "../domain/app-error.ts";
import { isTerminal } from "../domain/image-job.ts";
import { tagOfId } from "../domain/job-id.ts";
import type { SlotRecord } from "../ports/records.ts";
import { jobsInStorage, type StoredJob } from "./jobs-in-storage.ts";
import type { RemoveJobDeps } from "./remove-job.ts";
import type { Round } from "./remove-old.ts";

const graceMs = 24 * 60 * 60_000;
const sweptAtOnce = 8;
const gone = errorInfo("expired", "This image is no longer stored.");

/**
 * Holds what is stored against what is recorded, job by job, in the order of ids: removes partial images whose day is
 * over and blobs without a job, and tells of images whose blob is gone. Where time is over the next round goes on.
 */
export async function discardOrphans(deps: RemoveJobDeps, round: Round): Promise<void> {
  const place = await deps.rows.readPlace();
  let batch: StoredJob[] = [];
  const discardBatch = async () => {
    await Promise.all(batch.map((stored) => discardSafely(deps, stored, round)));
    const { jobId: after = "", page } = batch.at(-1) ?? {};
    batch = [];
    return { after, ...(page !== undefined && { page }) };
  };
  let kept = place?.page;
  for await (const stored of jobsInStorage(deps, place)) {
    batch.push(stored);
    if (batch.length < sweptAtOnce) continue;
    const reached = await discardBatch();
    if (reached.page !== kept || round.isOver()) await deps.rows.keepPlace(reached);
    if (round.isOver()) return;
    kept = reached.page;
  }
  await discardBatch();
  await deps.rows.keepPlace(undefined);
}

async function discardSafely(deps: RemoveJobDeps, stored: StoredJob, round: Round): Promise<void> {
  try {
    await discardOrphansOf(deps, stored, new Date(round.now.getTime() - graceMs));
  } catch (error) {
    round.failed(`what is stored for ${stored.jobId}`, error);
  }
}

async function discardOrphansOf(deps: RemoveJobDeps, stored: StoredJob, writtenBefore: Date): Promise<void> {
  // What others have put here is theirs.
  if (tagOfId("job", stored.jobId) === undefined) return;
  const old = stored.blobs.filter(({ modifiedAt }) => modifiedAt < writtenBefore).map(({ name }) => name);
  const names = new Set(stored.blobs.map(({ name }) => name));
  const unseen = stored.slots.filter(
    (slot): slot is SlotRecord & { state: "stored" } => slot.state === "stored" && !names.has(slot.blob),
  );
  if (old.length === 0 && unseen.length === 0) return;
  const { images } = deps.shelves;
  // Read after the blobs were listed: a job's row is written before its first image, so one without a row has lost it.
  const job = await deps.jobs.read(stored.jobId);
  if (!job) {
    // A deletion that is under way ends by itself, and knows what else there is to remove.
    if (await deps.rows.readDeleted(stored.jobId)) return;
    await images.remove(old);
    const isAllOld = old.length === stored.blobs.length && stored.writtenAt < writtenBefore;
    if (isAllOld) await deps.rows.remove(stored.jobId);
    return;
  }
  if (!isTerminal(job.status)) return;
  await images.remove(old.filter(isPartialBlob));
  for (const slot of unseen) {
    // Slots and blobs were listed one after the other, and the image may have been stored in between.
    if (!(await images.has(slot.blob))) await deps.rows.expireSlot(job.id, slot.index, gone);
  }
}
