import { odata, type TransactionAction } from "@azure/data-tables";
import { reopen } from "../domain/call-record.ts";
import { Fault, type FaultFacts } from "../domain/fault.ts";
import type { JobStore } from "../ports.ts";
import type { CallRecord, JobProgress, SlotRecord } from "../records.ts";
import {
  callKey,
  fromCallRow,
  fromSlotRow,
  isSlotRow,
  type ProgressRow,
  slotKey,
  toCallRow,
  toSlotRow,
} from "./job-entities.ts";
import { hasStatus, keptChanging, mostRounds, type Tables } from "./tables.ts";

type ProgressStore = Pick<
  JobStore,
  "readProgress" | "openCall" | "closeCall" | "failSlots" | "markThumbnails"
>;

/** The part of the job store that keeps slots and calls: one partition for each job, so that they change together. */
export function tableProgressStore({ slots, ensure }: Pick<Tables, "slots" | "ensure">): ProgressStore {
  async function openCall(jobId: string, call: number): Promise<CallRecord> {
    await ensure();
    const first: CallRecord = { call, unanswered: 1, repeated: 0 };
    for (let round = 0; round < mostRounds; round += 1) {
      try {
        await slots.createEntity(toCallRow(jobId, first));
        return first;
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
      }
      const row = await slots.getEntity<ProgressRow>(jobId, callKey(call));
      const earlier = fromCallRow(row);
      const opened = reopen(earlier);
      if (opened === earlier) return earlier;
      try {
        await slots.updateEntity(toCallRow(jobId, opened), "Replace", { etag: row.etag });
        return opened;
      } catch (error) {
        if (!hasStatus(error, 412)) throw error;
      }
    }
    throw keptChanging();
  }

  async function closeCall(
    jobId: string,
    call: number,
    change: (record: CallRecord) => CallRecord,
    records: readonly SlotRecord[],
  ): Promise<CallRecord> {
    for (let round = 0; round < mostRounds; round += 1) {
      const rows = await readPartition(jobId);
      const row = rows.find(({ rowKey }) => rowKey === callKey(call));
      if (!row) throw new Fault("internal", "a call's record is gone");
      const current = fromCallRow(row);
      if (current.outcome) return current;
      const changed = change(current);
      const fresh = records.filter(({ index }) => !rows.some(({ rowKey }) => rowKey === slotKey(index)));
      try {
        await slots.submitTransaction([
          ["update", toCallRow(jobId, changed), "Replace", { etag: row.etag }],
          ...fresh.map((slot): TransactionAction => ["create", toSlotRow(jobId, slot)]),
        ]);
        return changed;
      } catch (error) {
        // Somebody else wrote the call or one of its slots in between: look again.
        if (!hasStatus(error, 409) && !hasStatus(error, 412)) throw error;
      }
    }
    throw keptChanging();
  }

  async function readPartition(jobId: string) {
    await ensure();
    const rows: (ProgressRow & { rowKey: string; etag: string })[] = [];
    const filter = odata`PartitionKey eq ${jobId}`;
    for await (const row of slots.listEntities<ProgressRow>({ queryOptions: { filter } })) {
      rows.push({ ...row, rowKey: row.rowKey ?? "", etag: row.etag });
    }
    return rows;
  }

  async function readProgress(jobId: string): Promise<JobProgress> {
    const rows = await readPartition(jobId);
    const [ofSlots, ofCalls] = [rows.filter(isSlotRow), rows.filter((row) => !isSlotRow(row))];
    return { slots: ofSlots.map(fromSlotRow), calls: ofCalls.map(fromCallRow) };
  }

  async function failSlot(jobId: string, index: number, fault: FaultFacts): Promise<void> {
    try {
      await slots.createEntity(toSlotRow(jobId, { state: "failed", index, fault }));
    } catch (error) {
      // Whatever is known of the slot already is better founded than a failure noted afterwards.
      if (!hasStatus(error, 409)) throw error;
    }
  }

  return {
    readProgress,
    openCall,
    closeCall,
    async failSlots(jobId, indexes, fault) {
      await ensure();
      await Promise.all(indexes.map((index) => failSlot(jobId, index, fault)));
    },
    async markThumbnails(jobId, index) {
      await slots.updateEntity({ partitionKey: jobId, rowKey: slotKey(index), thumbnails: true }, "Merge");
    },
  };
}
