import { odata, type TableClient } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { DeliveryRecord, SlotRecord } from "../../ports/records.ts";
import type { DeliveryRound, JobSlots } from "../../ports/jobs.ts";
import type { JobRetentionStore, ScanPosition } from "../../ports/retention.ts";
import {
  fromJobRow,
  fromSlotRow,
  jobKey,
  type JobRow,
  type ProgressRow,
  slotKey,
  slotsColumn,
  slotsOfRow,
  toSlotRow,
} from "./job-entities.ts";
import { clearPartition } from "./clear-partition.ts";
import { removePending, notePending, pendingRows } from "./pending-index.ts";
import { ignoreNotFound, type Tables } from "./tables.ts";

const defaultPageSize = 500;
// A row among jobs that is none: no caller's tag has this length, and it is neither open nor not.
const placeKey = { partitionKey: "retention", rowKey: "scan" };

type Keyed<R> = R & { partitionKey: string; rowKey: string };

/** Rows as the one who tidies them sees them: across callers, page by page. */
export function tableJobRetention(
  { jobs, slots, deliveries, ensure }: Tables,
  pageSize = defaultPageSize,
): JobRetentionStore {
  async function* pagesOf<R extends object>(table: TableClient, filter: string): AsyncGenerator<Keyed<R>[]> {
    await ensure();
    const pages = table.listEntities<R>({ queryOptions: { filter } }).byPage({ maxPageSize: pageSize });
    for await (const page of pages)
      yield page.map((row) => ({ ...row, partitionKey: row.partitionKey ?? "", rowKey: row.rowKey ?? "" }));
  }

  /** What the job's own row says of its slots, if it says anything. */
  async function amendSlots(jobId: string, failed: SlotRecord): Promise<void> {
    const { partitionKey, rowKey } = jobKey(jobId);
    const row = await ignoreNotFound(jobs.getEntity<JobRow>(partitionKey, rowKey));
    const known = row && slotsOfRow({ ...row });
    if (!known) return;
    const columns = slotsColumn(known.map((slot) => (slot.index === failed.index ? failed : slot)));
    await jobs.updateEntity({ partitionKey, rowKey, ...columns }, "Merge", { etag: row.etag });
  }

  return {
    async *ended(createdBefore) {
      const filter = odata`open eq false and createdAt lt ${createdBefore.toISOString()}`;
      for await (const page of pagesOf<JobRow>(jobs, filter)) yield page.map(fromJobRow);
    },
    async markDeleted(jobId, at) {
      await ensure();
      await notePending(jobs, jobId, "again");
      // One column alone: anyone who writes another meanwhile loses nothing.
      await ignoreNotFound(jobs.updateEntity({ ...jobKey(jobId), deletedAt: at.toISOString() }, "Merge"));
      const { partitionKey, rowKey } = jobKey(jobId);
      const row = await ignoreNotFound(jobs.getEntity<JobRow>(partitionKey, rowKey));
      // Without its mark a job looks alive to those who write for it meanwhile.
      if (row && row.deletedAt === undefined)
        throw new AppError("internal", "a job could not be marked as deleted");
    },
    async readDeleted(jobId) {
      await ensure();
      const { partitionKey, rowKey } = jobKey(jobId);
      const row = await ignoreNotFound(jobs.getEntity<JobRow>(partitionKey, rowKey));
      return row?.deletedAt === undefined ? undefined : fromJobRow({ ...row, rowKey });
    },
    async *listPending(now, rests = () => false) {
      await ensure();
      for await (const row of pendingRows(jobs, now, rests))
        yield withoutAbsent({ job: fromJobRow(row), deletedAt: row.deletedAt });
    },
    async *slotsByJob(after) {
      // Row keys of slots, and no others.
      const filter = odata`PartitionKey gt ${after} and RowKey ge 'slot-' and RowKey lt 'slot.'`;
      let job: JobSlots | undefined;
      for await (const page of pagesOf<ProgressRow & { timestamp?: string }>(slots, filter)) {
        for (const row of page) {
          if (job && job.jobId !== row.partitionKey) {
            yield job;
            job = undefined;
          }
          job ??= { jobId: row.partitionKey, slots: [], writtenAt: new Date(0) };
          job.slots.push(fromSlotRow(row));
          job.writtenAt = new Date(Math.max(job.writtenAt.getTime(), Date.parse(row.timestamp ?? "")));
        }
      }
      if (job) yield job;
    },
    async expireSlot(jobId, index, failure) {
      const failed: SlotRecord = { state: "failed", index, failure };
      // First: the sweep looks at the slot, so that what is cut off after this is done again.
      await amendSlots(jobId, failed);
      const row = await ignoreNotFound(slots.getEntity<ProgressRow>(jobId, slotKey(index)));
      if (!row || fromSlotRow(row).state === "failed") return;
      await slots.updateEntity(toSlotRow(jobId, failed), "Replace", { etag: row.etag });
    },
    async deliveries(jobId) {
      // Row keys of deliveries; those of their attempts begin otherwise.
      const filter = odata`PartitionKey eq ${jobId} and RowKey ge 'delivery' and RowKey lt 'deliverz'`;
      const found: DeliveryRound[] = [];
      for await (const page of pagesOf<{ json: string }>(deliveries, filter))
        for (const { json } of page) {
          const { round, target } = JSON.parse(json) as DeliveryRecord;
          found.push(withoutAbsent({ jobId, round, target }));
        }
      return found;
    },
    async remove(jobId) {
      await ensure();
      const { partitionKey, rowKey } = jobKey(jobId);
      await clearPartition(slots, jobId);
      await clearPartition(deliveries, jobId);
      // Last: until these rows are gone, an interrupted removal can be found and finished.
      await ignoreNotFound(jobs.deleteEntity(partitionKey, rowKey));
      await removePending(jobs, jobId);
    },
    async readPlace() {
      await ensure();
      const row = await ignoreNotFound(
        jobs.getEntity<{ place: string }>(placeKey.partitionKey, placeKey.rowKey),
      );
      return row && (JSON.parse(row.place) as ScanPosition);
    },
    async keepPlace(place) {
      if (place) await jobs.upsertEntity({ ...placeKey, place: JSON.stringify(place) }, "Replace");
      else await ignoreNotFound(jobs.deleteEntity(placeKey.partitionKey, placeKey.rowKey));
    },
  };
}
