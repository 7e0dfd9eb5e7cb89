import { odata } from "@azure/data-tables";
import type { JobEvent } from "../../domain/job-event.ts";
import type { JobProgress } from "../../ports/records.ts";
import {
  fromCallRow,
  fromEndRow,
  fromEventRow,
  fromSlotRow,
  isCallRow,
  isEndRow,
  isEventRow,
  isOpenRow,
  isSlotRow,
  type ProgressRow,
} from "./job-entities.ts";
import type { Tables } from "./tables.ts";

/** All that is kept of what happened to a job. */
export interface Partition extends JobProgress {
  /** Whether the job runs: the row stands that its begin writes and its end removes. */
  isOpen: boolean;
  events: readonly (JobEvent & { number: number })[];
  /** ETags of the rows of calls, by call. */
  etags: ReadonlyMap<number, string>;
}

/** A partition before anything was written to it. */
export const emptyPartition: Partition = {
  isOpen: false,
  slots: [],
  calls: [],
  events: [],
  etags: new Map(),
};

/** Reads a job's partition as a writer needs it. */
export function partitionReader({ slots: table, ensure }: Pick<Tables, "slots" | "ensure">) {
  async function readRows(jobId: string): Promise<Partition> {
    await ensure();
    const rows: (ProgressRow & { rowKey: string; etag: string; timestamp?: string })[] = [];
    const filter = odata`PartitionKey eq ${jobId}`;
    for await (const row of table.listEntities<ProgressRow>({ queryOptions: { filter } })) {
      rows.push({ ...row, rowKey: row.rowKey ?? "", etag: row.etag });
    }
    const end = rows.find(isEndRow);
    const calls = rows.filter(isCallRow).map((row) => ({ call: fromCallRow(row), etag: row.etag }));
    return {
      isOpen: rows.some(isOpenRow),
      slots: rows.filter(isSlotRow).map(fromSlotRow),
      calls: calls.map(({ call }) => call),
      events: rows.filter(isEventRow).map(fromEventRow),
      etags: new Map(calls.map(({ call, etag }) => [call.call, etag])),
      ...(end && { end: fromEndRow(end) }),
    };
  }

  return async (jobId: string): Promise<Partition> => {
    const partition = await readRows(jobId);
    const isWhole = partition.end !== undefined || partition.isOpen || partition.events.length === 0;
    // The service may tell a partition in several answers: of a job that ends meanwhile both the row of its end, told before
    // the events, and the row `open`, told after them, may be missing. It ends once.
    return isWhole ? partition : readRows(jobId);
  };
}
