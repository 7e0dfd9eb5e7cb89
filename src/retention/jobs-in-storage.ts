import type {
  BlobContainerCleaner,
  JobRetentionStore,
  ListedBlob,
  ScanPosition,
} from "../ports/retention.ts";
import type { SlotRecord } from "../ports/records.ts";

/** What is stored under one job's id, whether or not there is such a job. */
export interface StoredJob {
  jobId: string;
  slots: SlotRecord[];
  /** When the last of the slots was written. */
  writtenAt: Date;
  blobs: ListedBlob[];
  /** The page of blobs to go on with after this job. */
  page?: string | undefined;
}

/**
 * Slots and blobs come in the same order, of job ids, so that both are read once, side by side, whatever their number:
 * a few hundred requests for a hundred thousand jobs, where asking job by job would take as many.
 */
export async function* jobsInStorage(
  { rows, shelves }: { rows: JobRetentionStore; shelves: { images: BlobContainerCleaner } },
  place: ScanPosition | undefined,
): AsyncGenerator<StoredJob> {
  const after = place?.after ?? "";
  const [ofSlots, ofBlobs] = [
    rows.slotsByJob(after)[Symbol.asyncIterator](),
    blobsByJob(shelves.images, after, place?.page),
  ];
  let [slots, blobs] = [await ofSlots.next(), await ofBlobs.next()];
  let page = place?.page;
  while (slots.done !== true || blobs.done !== true) {
    const [left, right] = [
      slots.done === true ? undefined : slots.value,
      blobs.done === true ? undefined : blobs.value,
    ];
    const jobId = [left?.jobId, right?.jobId].filter((id) => id !== undefined).sort()[0] ?? "";
    const [own, held] = [
      left?.jobId === jobId ? left : undefined,
      right?.jobId === jobId ? right : undefined,
    ];
    page = held?.page ?? page;
    yield {
      jobId,
      slots: own?.slots ?? [],
      writtenAt: own?.writtenAt ?? new Date(0),
      blobs: held?.blobs ?? [],
      page,
    };
    if (own) slots = await ofSlots.next();
    if (held) blobs = await ofBlobs.next();
  }
}

/** Blobs by the folder they are in. `page` is where the folder's last page began: it may hold the next folder too. */
async function* blobsByJob(images: BlobContainerCleaner, after: string, from: string | undefined) {
  let held: { jobId: string; blobs: ListedBlob[]; page?: string | undefined } | undefined;
  let page = from;
  for await (const { blobs, next } of images.pages(from)) {
    for (const blob of blobs) {
      const jobId = blob.name.slice(0, Math.max(0, blob.name.indexOf("/")));
      if (jobId <= after) continue;
      if (held && held.jobId !== jobId) {
        yield held;
        held = undefined;
      }
      held ??= { jobId, blobs: [] };
      held.blobs.push(blob);
      held.page = page;
    }
    page = next;
  }
  if (held) yield held;
}
