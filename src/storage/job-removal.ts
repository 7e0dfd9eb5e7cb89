import { odata, type TableClient, type TransactionAction } from "@azure/data-tables";
import { Fault } from "../domain/fault.ts";
import type { SlotRecord } from "../records.ts";
import type { JobUpkeep, JobSlots, SweepPlace } from "../ports.ts";
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
import { hasStatus, mostRounds, orUndefined, type Tables } from "./tables.ts";

const usualPageSize = 500;
const mostInTransaction = 100;
// A row among jobs that is none: no caller's tag has this length, and it is neither open nor not.
const placeKey = { partitionKey: "upkeep", rowKey: "sweep" };

type Keyed<R> = R & { partitionKey: string; rowKey: string };

/** Rows as whoever tidies them sees them: across callers, page by page. */
export function tableJobUpkeep(
  { jobs, slots, deliveries, ensure }: Tables,
  pageSize = usualPageSize,
): JobUpkeep {
  async function* pagesOf<R extends object>(table: TableClient, filter: string): AsyncGenerator<Keyed<R>[]> {
    await ensure();
    const pages = table.listEntities<R>({ queryOptions: { filter } }).byPage({ maxPageSize: pageSize });
    for await (const page of pages)
      yield page.map((row) => ({ ...row, partitionKey: row.partitionKey ?? "", rowKey: row.rowKey ?? "" }));
  }

  async function clearPartition(table: TableClient, partition: string): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      const rows: TransactionAction[] = [];
      for await (const page of pagesOf(table, odata`PartitionKey eq ${partition}`))
        rows.push(
          ...page.map(({ partitionKey, rowKey }): TransactionAction => ["delete", { partitionKey, rowKey }]),
        );
      if (rows.length === 0) return;
      try {
        for (let at = 0; at < rows.length; at += mostInTransaction)
          await table.submitTransaction(rows.slice(at, at + mostInTransaction));
      } catch (error) {
        // Somebody else removes the same rows: see what is left of them.
        if (!hasStatus(error, 404)) throw error;
      }
    }
    throw new Fault("internal", "rows kept appearing while they were removed");
  }

  /** What the job's own row says of its slots, if it says anything. */
  async function amendSlots(jobId: string, failed: SlotRecord): Promise<void> {
    const { partitionKey, rowKey } = jobKey(jobId);
    const row = await orUndefined(jobs.getEntity<JobRow>(partitionKey, rowKey));
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
    async expireSlot(jobId, index, fault) {
      const failed: SlotRecord = { state: "failed", index, fault };
      // First: the sweep looks at the slot, so that what is cut off after this is done again.
      await amendSlots(jobId, failed);
      const row = await orUndefined(slots.getEntity<ProgressRow>(jobId, slotKey(index)));
      if (!row || fromSlotRow(row).state === "failed") return;
      await slots.updateEntity(toSlotRow(jobId, failed), "Replace", { etag: row.etag });
    },
    async remove(jobId) {
      await ensure();
      const { partitionKey, rowKey } = jobKey(jobId);
      await clearPartition(slots, jobId);
      await clearPartition(deliveries, jobId);
      // Last: until this row is gone, an interrupted removal can be found and finished.
      await orUndefined(jobs.deleteEntity(partitionKey, rowKey));
    },
    async readPlace() {
      await ensure();
      const row = await orUndefined(
        jobs.getEntity<{ place: string }>(placeKey.partitionKey, placeKey.rowKey),
      );
      return row && (JSON.parse(row.place) as SweepPlace);
    },
    async keepPlace(place) {
      if (place) await jobs.upsertEntity({ ...placeKey, place: JSON.stringify(place) }, "Replace");
      else await orUndefined(jobs.deleteEntity(placeKey.partitionKey, placeKey.rowKey));
    },
  };
}
