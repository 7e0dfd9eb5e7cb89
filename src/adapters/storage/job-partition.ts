import { odata } from "@azure/data-tables";
import { isEnd, type NumberedEvent } from "../../domain/job-event.ts";
import type { JobProgress } from "../../ports/records.ts";
import {
  fromCallRow,
  fromEndRow,
  fromEventRow,
  fromSlotRow,
  isCallRow,
  isEndRow,
  isEventRow,
  isSlotRow,
  type ProgressRow,
} from "./job-entities.ts";
import { keptChanging, maxRounds, type Tables } from "./tables.ts";

/** All that is kept of what happened to a job, as it was read. */
export interface Partition extends JobProgress {
  rows: (ProgressRow & { rowKey: string; etag: string })[];
  events: NumberedEvent[];
}

/** Reads a job's partition as a writer needs it: never an event that ends the job without the row of the end. */
export function partitionReader({ slots: table, ensure }: Pick<Tables, "slots" | "ensure">) {
  async function read(jobId: string): Promise<Partition> {
    await ensure();
    const rows: (ProgressRow & { rowKey: string; etag: string; timestamp?: string })[] = [];
    const filter = odata`PartitionKey eq ${jobId}`;
    for await (const row of table.listEntities<ProgressRow>({ queryOptions: { filter } })) {
      rows.push({ ...row, rowKey: row.rowKey ?? "", etag: row.etag });
    }
    const end = rows.find(isEndRow);
    return {
      rows,
      slots: rows.filter(isSlotRow).map(fromSlotRow),
      calls: rows.filter(isCallRow).map(fromCallRow),
      events: rows.filter(isEventRow).map(fromEventRow),
      ...(end && { end: fromEndRow(end) }),
    };
  }

  return async (jobId: string): Promise<Partition> => {
    for (let round = 0; round < maxRounds; round += 1) {
      const partition = await read(jobId);
      // The service may tell a partition in several answers, and the end's row stands before the events: read too early,
      // it is missing, and a writer would take the number behind the end.
      if (partition.end || !partition.events.some(isEnd)) return partition;
    }
    throw keptChanging();
  };
}
