import {
  odata,
  RestError,
  type TableClient,
  type TableServiceClient,
  type TransactionAction,
} from "@azure/data-tables";
import { reopen } from "../domain/call-record.ts";
import { Fault, type FaultFacts } from "../domain/fault.ts";
import { type JobStatus, mayBecome } from "../domain/image-job.ts";
import { tagOfJobId } from "../domain/job-id.ts";
import type { CallRecord, JobProgress, JobRecord, JobStore, SlotRecord } from "../ports.ts";
import {
  callKey,
  fromCallRow,
  fromJobRow,
  fromSlotRow,
  isSlotRow,
  jobKey,
  type JobRow,
  type ProgressRow,
  slotKey,
  toCallRow,
  toJobRow,
  toSlotRow,
} from "./job-entities.ts";

// Two writers of one row, one of them twice, and some to spare; each meets the other at most once.
const mostRounds = 8;

export interface Tables {
  jobs: TableClient;
  slots: TableClient;
  /** Makes the tables if they aren't there; called before the first write of each process. */
  ensure: () => Promise<void>;
}

/** Jobs, their slots and their calls in Table Storage. */
export function tableJobStore({ jobs, slots, ensure }: Tables): JobStore {
  async function readRow(jobId: string) {
    if (tagOfJobId(jobId) === undefined) return undefined;
    const { partitionKey, rowKey } = jobKey(jobId);
    return orUndefined(jobs.getEntity<JobRow>(partitionKey, rowKey));
  }

  async function advance(jobId: string, to: JobStatus, facts: Partial<JobRecord>): Promise<JobRecord> {
    for (let round = 0; round < mostRounds; round += 1) {
      const row = await readRow(jobId);
      if (!row) throw new Fault("notFound", "There is no such job.");
      const job = fromJobRow(rowOf(row));
      if (job.status === to || !mayBecome(job.status, to)) return job;
      const moved: JobRecord = { ...job, ...facts, status: to };
      try {
        await jobs.updateEntity(toJobRow(moved), "Replace", { etag: row.etag });
        return moved;
      } catch (error) {
        if (!hasStatus(error, 412)) throw error;
      }
    }
    throw keptChanging();
  }

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

  /** A lost answer makes the client send once more and meet its own row: that row is ours, not a conflict. */
  async function isOwn(job: JobRecord): Promise<boolean> {
    const standing = await readRow(job.id);
    return standing?.caller === job.caller && standing.createdAt === job.createdAt;
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
    async create(job) {
      await ensure();
      try {
        await jobs.createEntity(toJobRow(job));
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
        if (!(await isOwn(job))) throw new Fault("conflict", "This job exists already.", { cause: error });
      }
    },
    async read(jobId) {
      const row = await readRow(jobId);
      return row && fromJobRow(rowOf(row));
    },
    readProgress,
    advance,
    async *listOpen(createdBefore) {
      await ensure();
      const filter = odata`open eq true and createdAt lt ${createdBefore.toISOString()}`;
      for await (const row of jobs.listEntities<JobRow>({ queryOptions: { filter } }))
        yield fromJobRow(rowOf(row));
    },
    openCall,
    closeCall,
    async failSlots(jobId, indexes, fault) {
      await ensure();
      await Promise.all(indexes.map((index) => failSlot(jobId, index, fault)));
    },
    async markThumbnails(jobId, index) {
      await slots.updateEntity({ partitionKey: jobId, rowKey: slotKey(index), thumbnails: true }, "Merge");
    },
    async ping() {
      await ensure();
      await orUndefined(jobs.getEntity("ping", "ping"));
    },
  };
}

/** Table reads and writes of one process; tables are made once, and a failure to make them isn't remembered. */
export function makeTables(service: TableServiceClient, clientOf: (name: string) => TableClient): Tables {
  let ready: Promise<unknown> | undefined;
  return {
    jobs: clientOf("jobs"),
    slots: clientOf("slots"),
    async ensure() {
      ready ??= Promise.all([service.createTable("jobs"), service.createTable("slots")]);
      await ready.catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
    },
  };
}

function keptChanging(): Fault {
  return new Fault("internal", "a row kept changing while it was written");
}

/** The client types a row's own keys as optional; a row that was read always has them. */
function rowOf<T extends object>(row: T & { rowKey?: string }): T & { rowKey: string } {
  return { ...row, rowKey: row.rowKey ?? "" };
}

async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof RestError && error.statusCode === status;
}
