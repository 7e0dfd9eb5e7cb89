import { odata, type TransactionAction } from "@azure/data-tables";
import { setTimeout as sleep } from "node:timers/promises";
import { beginAttempt, settleLateAttempt } from "../../domain/call-attempts.ts";
import { AppError } from "../../domain/app-error.ts";
import { eventOfSlot, isSameEvent, type JobEvent, type NumberedEvent } from "../../domain/job-event.ts";
import type { Conclude, JobStore } from "../../ports/jobs.ts";
import type { CallRecord, JobEnd, SlotRecord } from "../../ports/records.ts";
import {
  afterEvents,
  callKey,
  endKey,
  eventKey,
  fromCallRow,
  fromEventRow,
  type ProgressRow,
  toCallRow,
  toEndRow,
  toEventRow,
  toSlotRow,
} from "./job-entities.ts";
import { clearPartition } from "./clear-partition.ts";
import { type Partition, partitionReader } from "./job-partition.ts";
import { hasStatus, keptChanging, ignoreNotFound, type Tables } from "./tables.ts";

// All calls of a job may end in the same moment, each wanting the next event's number; most rounds have one winner.
const maxRounds = 40;
const maxPauseMs = 60;

interface ProgressStore extends Pick<
  JobStore,
  "readProgress" | "beginAttempt" | "settleCall" | "settleSlots" | "append" | "readEvents"
> {
  hasEnd(jobId: string): Promise<boolean>;
  /** Writes the job's end with its last events unless it has one; returns how it then stands. */
  conclude(jobId: string, decide: Conclude): Promise<{ end: JobEnd; slots: SlotRecord[] }>;
}

/** A partition that may be added to, unless the job is over. */
interface PartitionState extends Partition {
  /** The job has ended or was deleted: anyone who still works for it leaves no rows, which nobody would find. */
  isOver: boolean;
}

/** What to write: slots and events are added to what stands, by the one who comes first. */
interface Change<R> {
  rows?: TransactionAction[];
  slots?: readonly SlotRecord[];
  events?: readonly JobEvent[];
  result: R;
}

/**
 * The part of the job store that keeps what happens to a job: one partition for each, so that it changes as one.
 * `isClosed` says whether the job's own record has ended or is gone, `isDeleted` whether it is gone.
 */
export function tableProgressStore(
  { slots: table, ensure }: Pick<Tables, "slots" | "ensure">,
  { isClosed, isDeleted }: Record<"isClosed" | "isDeleted", (jobId: string) => Promise<boolean>>,
): ProgressStore {
  const readPartition = partitionReader({ slots: table, ensure });

  /**
   * Reads the partition, writes what `decide` makes of it in one transaction, and begins anew when somebody else wrote in
   * between. Events are created under the next number, so of two writers one always meets the other: that is what keeps
   * the order whole, and lets nothing slip in behind the end.
   */
  async function change<R>(jobId: string, decide: (partition: PartitionState) => Change<R>): Promise<R> {
    for (let round = 0; round < maxRounds; round += 1) {
      const partition = await readPartition(jobId);
      // Asked only where there is nothing: before a job begins, and once its rows are removed.
      const isGone = partition.rows.length === 0 && (await isClosed(jobId));
      const isOver = isGone || partition.end !== undefined;
      const { rows = [], slots = [], events = [], result } = decide({ ...partition, isOver });
      const proposed = [...slots.map(eventOfSlot), ...events];
      const fresh = proposed.filter(
        (event) => !partition.events.some((earlier) => isSameEvent(earlier, event)),
      );
      const next = Math.max(1, ...partition.events.map(({ number }) => number)) + 1;
      const actions: TransactionAction[] = [
        ...rows,
        ...slots.map((slot): TransactionAction => ["create", toSlotRow(jobId, slot)]),
        ...fresh.map((event, at): TransactionAction => ["create", toEventRow(jobId, next + at, event)]),
      ];
      if (actions.length === 0) return result;
      try {
        await table.submitTransaction(actions);
        if (!(await isDeleted(jobId))) return result;
        // Deleted since the partition was read: what was written now may have come behind the removal of the rest. The next
        // round finds nothing, and a job that is over.
        await clearPartition(table, jobId);
      } catch (error) {
        if (!hasStatus(error, 409) && !hasStatus(error, 412)) throw error;
        await sleep(pauseMs(round));
      }
    }
    throw keptChanging();
  }

  async function begin(jobId: string, call: number, attempt: string): Promise<CallRecord | undefined> {
    return change<CallRecord | undefined>(jobId, ({ rows, calls, isOver }) => {
      if (isOver) return { result: undefined };
      const earlier = calls.find((record) => record.call === call);
      const begun = beginAttempt(earlier ?? newCall(call), attempt);
      const row = rows.find(({ rowKey }) => rowKey === callKey(call));
      if (!row) return { rows: [["create", toCallRow(jobId, begun)]], result: begun };
      if (begun === earlier) return { result: earlier };
      return { rows: [rewrite(toCallRow(jobId, begun), row.etag)], result: begun };
    });
  }

  async function settleCall(
    jobId: string,
    call: number,
    settle: (record: CallRecord) => CallRecord,
    records: readonly SlotRecord[],
  ): Promise<CallRecord> {
    return change(jobId, (partition) => {
      const row = partition.rows.find(({ rowKey }) => rowKey === callKey(call));
      // The record goes with the job, and with it all that there was to settle.
      if (!row && partition.isOver) return { result: settle(newCall(call)) };
      if (!row) throw new AppError("internal", "a call's record is gone");
      const current = fromCallRow(row);
      const changed = settle(current);
      if (current.outcome) {
        const late = settleLateAttempt(current, changed);
        if (late === current || partition.isOver) return { result: current };
        return { rows: [rewrite(toCallRow(jobId, late), row.etag)], result: late };
      }
      return {
        rows: [rewrite(toCallRow(jobId, changed), row.etag)],
        slots: unsettled(records, partition),
        result: changed,
      };
    });
  }

  return {
    beginAttempt: begin,
    settleCall,
    async readProgress(jobId) {
      const { slots, calls, end } = await readPartition(jobId);
      return { slots, calls, ...(end && { end }) };
    },
    async settleSlots(jobId, records) {
      // The first end of a slot wins: it was recorded by a writer that knew more than one that comes afterwards.
      await change(jobId, (partition) => ({ slots: unsettled(records, partition), result: undefined }));
    },
    async append(jobId, event) {
      return change(jobId, ({ slots, isOver }) => {
        const isLate = "index" in event && slots.some(({ index }) => index === event.index);
        return isOver || isLate ? { result: false } : { events: [event], result: true };
      });
    },
    async conclude(jobId, decide) {
      return change(jobId, (partition) => {
        const { slots, end: earlier } = partition;
        if (earlier) return { result: { end: earlier, slots } };
        const { end, slots: rest } = decide(partition);
        if (partition.isOver) return { result: { end, slots } };
        const added = unsettled(rest, partition);
        return {
          rows: [["create", toEndRow(jobId, end)]],
          slots: added,
          events: [{ type: `job.${end.status}` }],
          result: { end, slots: [...slots, ...added] },
        };
      });
    },
    async hasEnd(jobId) {
      await ensure();
      return (await ignoreNotFound(table.getEntity<ProgressRow>(jobId, endKey))) !== undefined;
    },
    async readEvents(jobId, after) {
      await ensure();
      const events: NumberedEvent[] = [];
      const filter = odata`PartitionKey eq ${jobId} and RowKey ge ${eventKey(after + 1)} and RowKey lt ${afterEvents}`;
      for await (const row of table.listEntities<ProgressRow>({ queryOptions: { filter } }))
        events.push(fromEventRow({ ...row, rowKey: row.rowKey ?? "" }));
      return events;
    },
  };
}

/** Records of slots that have no end yet; none at all once the job is over. */
function unsettled(records: readonly SlotRecord[], { slots, isOver }: PartitionState): SlotRecord[] {
  if (isOver) return [];
  return records.filter(({ index }) => !slots.some((slot) => slot.index === index));
}

function newCall(call: number): CallRecord {
  return { call, inDoubt: [], duplicates: [] };
}

function rewrite(row: ReturnType<typeof toCallRow>, etag: string): TransactionAction {
  return ["update", row, "Replace", { etag }];
}

/** Writers that met once shouldn't meet again: each waits for its own while. */
function pauseMs(round: number): number {
  const [chance = 0] = crypto.getRandomValues(new Uint8Array(1));
  return (chance / 255) * Math.min(maxPauseMs, 4 * (round + 1));
}
