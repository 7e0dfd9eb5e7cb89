import type { TransactionAction } from "@azure/data-tables";
import { setTimeout as sleep } from "node:timers/promises";
import { keyedMutex } from "../../async/keyed-mutex.ts";
import { eventOfSlot, isSameEvent, type JobEvent } from "../../domain/job-event.ts";
import type { CallRecord, JobEnd, SlotRecord } from "../../ports/records.ts";
import {
  callKey,
  endRow,
  fromCallRow,
  openRow,
  toCallRow,
  toEndRow,
  toEventRow,
  toSlotRow,
} from "./job-entities.ts";
import type { Partition, partitionReader } from "./job-partition.ts";
import type { RecentMap } from "../../domain/recent-map.ts";
import { isConflict, keptChanging, requireEtag, type Tables } from "./tables.ts";

// All calls of a job may end in the same moment, on several instances, each wanting the next event's number; most rounds
// have one winner.
const maxRounds = 40;
const maxPauseMs = 60;

/** A partition that may be added to, unless the job is over. */
export interface PartitionState extends Partition {
  /** Nothing may be written: anyone who works for a job that has ended or was deleted would leave rows that nobody finds. */
  isOver: boolean;
}

/**
 * What to write, unless the job is over: slots and events are added to what stands, by the one who comes first; an event that
 * stands already is left out.
 */
export interface Change<R> {
  /** Whether all rows of calls must stand as they are known. */
  assertsCalls?: boolean;
  calls?: readonly CallRecord[];
  slots?: readonly SlotRecord[];
  events?: readonly JobEvent[];
  end?: JobEnd;
  result: R;
}

type Written = { kind: "nothing" | "stands" | "conflict" };
const nothing: Written = { kind: "nothing" };

export type Decide<R> = (partition: PartitionState) => Change<R> | Promise<Change<R>>;

export interface ChangeOptions {
  /** Takes the place of what this process doesn't know. */
  assumed?: Partition;
  /** Whether the partition is read in any case. */
  isFresh?: boolean;
  /** By default only of a job that runs anything is written. */
  isOver?: (partition: Partition) => boolean;
}

const isNotRunning = ({ isOpen }: Partition): boolean => !isOpen;

/**
 * Changes one job's partition: decides on what is known of it, and writes what comes of that in one transaction, which
 * stands only if nobody else has written in between; else it is decided anew on what is read.
 *
 * Three things make a transaction fail that was decided on old facts. Events are created under the next number, so of two
 * writers one always meets the other: that keeps the order whole. Rows of calls are rewritten by ETag. And a row named
 * `open` stands from the job's beginning to its end: the end's transaction removes it, and every other asserts it, or else
 * the row of the end, which a deletion removes last: nothing slips in behind the end, or behind the deletion.
 *
 * So what this process wrote last is good enough to decide on. What writes nothing is confirmed by no transaction: it is
 * decided anew on what is read.
 */
export function partitionWriter(
  table: Tables["slots"],
  read: ReturnType<typeof partitionReader>,
  memory: RecentMap<Partition>,
) {
  // Writers of this process meet here rather than in storage.
  const inTurn = keyedMutex();

  async function change<R>(
    jobId: string,
    decide: Decide<R>,
    { assumed, isFresh = false, isOver = isNotRunning }: ChangeOptions = {},
  ): Promise<R> {
    return inTurn(jobId, async () => {
      let known = isFresh ? undefined : (memory.get(jobId) ?? assumed);
      for (let round = 0; round < maxRounds; round += 1) {
        const isRead = known === undefined;
        const partition = known ?? (await read(jobId));
        known = undefined;
        const state = { ...partition, isOver: isOver(partition) };
        const wanted = await decide(state);
        const changed = state.isOver ? nothing : await write(jobId, state, wanted);
        if (changed.kind === "stands") return wanted.result;
        if (changed.kind === "nothing" && isRead) return wanted.result;
        if (changed.kind === "conflict") await sleep(pauseMs(round));
      }
      throw keptChanging();
    });
  }

  async function write<R>(
    jobId: string,
    state: PartitionState,
    { calls = [], slots = [], events = [], end, assertsCalls = false }: Change<R>,
  ): Promise<Written> {
    const first = Math.max(1, ...state.events.map(({ number }) => number)) + 1;
    const fresh = [...slots.map(eventOfSlot), ...events]
      .filter((event) => !state.events.some((earlier) => isSameEvent(earlier, event)))
      .map((event, at) => ({ ...event, number: first + at }));
    const ofCalls = calls.map((call) => callAction(jobId, call, state.etags.get(call.call)));
    const ofOthers = assertsCalls ? assertions(jobId, state.etags) : [];
    const ofRest = [
      ...slots.map((slot): TransactionAction => ["create", toSlotRow(jobId, slot)]),
      ...fresh.map(({ number, ...event }): TransactionAction => ["create", toEventRow(jobId, number, event)]),
      ...(end ? [["create", toEndRow(jobId, end)] satisfies TransactionAction] : []),
    ];
    if (ofCalls.length + ofRest.length === 0) return nothing;
    const ofStanding = standingAction(jobId, state, end !== undefined);
    try {
      const { subResponses } = await table.submitTransaction([
        ...ofCalls,
        ...ofOthers,
        ...ofRest,
        ...ofStanding,
      ]);
      const etags = new Map(state.etags);
      for (const [at, { call }] of calls.entries()) etags.set(call, requireEtag(subResponses[at]));
      memory.set(jobId, {
        isOpen: !end && !state.end,
        slots: [...state.slots, ...slots],
        calls: [
          ...state.calls.filter((known) => !calls.some(({ call }) => call === known.call)),
          // As they will be read.
          ...calls.map((call) => fromCallRow(toCallRow(jobId, call))),
        ],
        events: [...state.events, ...fresh],
        etags,
        ...(end ? { end } : state.end && { end: state.end }),
      });
      return { kind: "stands" };
    } catch (error) {
      // Whatever failed it, it may stand.
      memory.delete(jobId);
      if (!isConflict(error)) throw error;
      return { kind: "conflict" };
    }
  }

  return change;
}

function callAction(jobId: string, call: CallRecord, etag: string | undefined): TransactionAction {
  const row = toCallRow(jobId, call);
  return etag === undefined ? ["create", row] : ["update", row, "Replace", { etag }];
}

/** Each changes nothing but fails where a row isn't as it is known. */
function assertions(jobId: string, etags: ReadonlyMap<number, string>): TransactionAction[] {
  return [...etags].map(([call, etag]) => [
    "update",
    { partitionKey: jobId, rowKey: callKey(call) },
    "Merge",
    { etag },
  ]);
}

/** A job that ends before it has begun has no such row: the number of its only event is what keeps its beginning off. */
function standingAction(jobId: string, { isOpen, end }: Partition, isEnd: boolean): TransactionAction[] {
  const row = openRow(jobId);
  if (isEnd) return isOpen ? [["delete", row]] : [];
  if (end) return [["update", endRow(jobId), "Merge", { etag: "*" }]];
  return [isOpen ? ["update", row, "Merge", { etag: "*" }] : ["create", row]];
}

/** Writers that met once shouldn't meet again: each waits for its own while. */
function pauseMs(round: number): number {
  const [chance = 0] = crypto.getRandomValues(new Uint8Array(1));
  return (chance / 255) * Math.min(maxPauseMs, 4 * (round + 1));
}
