import { odata } from "@azure/data-tables";
import { isDeepStrictEqual } from "node:util";
import { beginAttempt, settleLateAttempt } from "../../domain/call-attempts.ts";
import { AppError } from "../../domain/app-error.ts";
import { imageIndexOf, newestPartials, type NumberedEvent } from "../../domain/job-event.ts";
import type { BegunAttempt, Conclusion, JobStore } from "../../ports/jobs.ts";
import type { CallRecord, JobEnd, JobProgress, SlotRecord } from "../../ports/records.ts";
import { afterEvents, eventKey, fromEventRow, openRow, type ProgressRow } from "./job-entities.ts";
import { emptyPartition, type Partition, partitionReader } from "./job-partition.ts";
import { type Change, type PartitionState, partitionWriter } from "./partition-writer.ts";
import type { RecentMap } from "../../domain/recent-map.ts";
import { surelyRead, type Tables } from "./tables.ts";

interface ProgressStore extends Pick<
  JobStore,
  "readProgress" | "beginAttempt" | "settleCall" | "settleSlots" | "append" | "readEvents" | "hasEnded"
> {
  /** Writes that the job runs; false when it has ended. The caller looks at the job's own record afterwards. */
  begin(jobId: string): Promise<boolean>;
  /** Writes the job's end with its last events unless it has one; returns how it then stands. The same holds. */
  conclude(
    jobId: string,
    n: number,
    decide: (progress: JobProgress) => Conclusion | Promise<Conclusion>,
  ): Promise<{ end: JobEnd; slots: readonly SlotRecord[] }>;
}

/** The part of the job store that keeps what happens to a job: one partition for each, so that it changes as one. */
export function tableProgressStore(
  { slots: table, ensure }: Pick<Tables, "slots" | "ensure">,
  memory: RecentMap<Partition>,
): ProgressStore {
  const read = partitionReader({ slots: table, ensure });
  const change = partitionWriter(table, read, memory);

  return {
    async begin(jobId) {
      // Of a job that was begun before, the transaction fails.
      const decide = ({ isOver }: PartitionState) =>
        ({ events: [{ type: "job.running" }], result: !isOver }) as const;
      await ensure();
      return change(jobId, decide, { assumed: emptyPartition, isOver: hasEnd });
    },
    async beginAttempt(jobId, call, attempt, seen, deployment) {
      return change<BegunAttempt>(jobId, ({ calls, isOver }) => {
        if (isOver) return { result: { kind: "over" } };
        const earlier = calls.find((record) => record.call === call);
        // Its own write, whose answer was lost.
        if (earlier?.inDoubt.includes(attempt)) return { result: { kind: "begun", record: earlier } };
        if (!isDeepStrictEqual(earlier, seen)) return { result: { kind: "changed" } };
        const begun = beginAttempt(earlier ?? newCall(call), attempt, deployment);
        return { calls: [begun], result: { kind: "begun", record: begun } };
      });
    },
    async settleCall(jobId, call, settle, records) {
      const settled = (
        partition: PartitionState,
      ): Change<{ record: CallRecord; isOver: boolean } | undefined> => {
        const isOver = !partition.isOpen;
        const current = partition.calls.find((record) => record.call === call);
        // Not an error yet: the attempt may be another instance's, of which this one is to read.
        if (!current && !isOver) return { result: undefined };
        // The record goes with the job, and with it all that there was to settle.
        const changed = settle(current ?? newCall(call));
        if (current?.outcome) {
          const late = settleLateAttempt(current, changed);
          return { calls: late === current ? [] : [late], result: { record: late, isOver } };
        }
        const slots = isOver ? [] : unsettled(records, partition);
        return { calls: [changed], slots, result: { record: changed, isOver } };
      };
      // Of a job that has ended it is still told what its calls cost, and what was submitted for them.
      const done = await change(jobId, settled, { isOver: isGone });
      if (done === undefined) throw new AppError("internal", "a call's record is gone");
      return done;
    },
    async readProgress(jobId) {
      const { slots, calls, events, end } = await read(jobId);
      const partials = end ? [] : newestPartials(events, slots);
      return { slots, calls, ...(partials.length > 0 && { partials }), ...(end && { end }) };
    },
    async settleSlots(jobId, records) {
      // The first end of a slot wins: it was recorded by a writer that knew more than one that comes afterwards.
      await change(jobId, (partition) => ({ slots: unsettled(records, partition), result: undefined }));
    },
    async append(jobId, event) {
      return change(jobId, ({ slots, isOver }) => {
        const image = imageIndexOf(event);
        const isLate = slots.some(({ index }) => index === image);
        return isOver || isLate ? { result: false } : { events: [event], result: true };
      });
    },
    async conclude(jobId, n, decide) {
      // Where a slot has no end yet, another instance may have a call of it that this one has never heard of.
      const isComplete = (known: Partition | undefined) => known?.slots.length === n;
      const concluded = async (partition: PartitionState) => {
        const { slots, end: earlier } = partition;
        if (earlier) return { result: { end: earlier, slots } };
        const { end, slots: rest } = await decide(partition);
        const added = unsettled(rest, partition);
        return {
          end,
          assertsCalls: true,
          slots: added,
          events: [{ type: `job.${end.status}` } as const],
          result: { end, slots: [...slots, ...added] },
        };
      };
      return change(jobId, concluded, { isFresh: !isComplete(memory.get(jobId)), isOver: hasEnd });
    },
    async hasEnded(jobId) {
      await ensure();
      const { partitionKey, rowKey } = openRow(jobId);
      return (await surelyRead(() => table.getEntity(partitionKey, rowKey))) === undefined;
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

const hasEnd = ({ end }: Partition): boolean => end !== undefined;
const isGone = ({ isOpen, end }: Partition): boolean => !isOpen && end === undefined;

/** Records of slots that have no end yet. */
function unsettled(records: readonly SlotRecord[], { slots }: PartitionState): SlotRecord[] {
  return records.filter(({ index }) => !slots.some((slot) => slot.index === index));
}

function newCall(call: number): CallRecord {
  return { call, inDoubt: [], duplicates: [] };
}
