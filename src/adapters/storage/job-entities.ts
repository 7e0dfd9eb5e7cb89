import type { TableEntity } from "@azure/data-tables";
import { tagOfId } from "../../domain/job-id.ts";
import { isTerminal, type JobStatus, jobStatuses } from "../../domain/image-job.ts";
import { AppError } from "../../domain/app-error.ts";
import type { JobEvent, NumberedEvent } from "../../domain/job-event.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { Callback, CallRecord, JobEnd, JobRecord, SlotRecord } from "../../ports/records.ts";

/**
 * Records as table rows. Facts that are looked up or filtered by have a column of their own; the rest is one JSON
 * column, because a row is written by one version of Darkroom and may be read by the next.
 *
 * The prompt has columns of its own: a column holds 32,768 UTF-16 units, and the longest prompt, 32,000 code points, has up to
 * 64,000. So have inputs: seventeen file names of a thousand characters each.
 */

export interface JobRow {
  caller: string;
  status: string;
  open: boolean;
  model: string;
  createdAt: string;
  /** Written when it begins, and when it ends, by those who need not know the rest. */
  startedAt?: string;
  /** To look for what has ended lately. */
  finishedAt?: string;
  /** The other facts of its end. */
  ending?: string;
  prompt: string;
  /** What of the prompt the first column can't hold. */
  promptRest?: string;
  inputs?: string;
  /** Whether the end is still to be told; a column of its own, since that changes after the end. */
  notification?: string;
  /** Who waits for the job; changes while it runs, and after. */
  callbacks?: string;
  /** Slots of an ended job, so that a list need not read a partition for each; absent when they don't fit. */
  slots?: string;
  /** When its deletion began. The job is gone to all who read it; the row stands until all else is removed. */
  deletedAt?: string;
  rest: string;
}

const maxColumnLength = 32_000;

type JobInputs = Pick<JobRecord, "inputs" | "awaits">;
type JobEnding = Omit<JobEnd, "status" | "finishedAt">;
type JobRest = Omit<
  JobRecord,
  | "id"
  | "caller"
  | "status"
  | "model"
  | "createdAt"
  | "startedAt"
  | "callbacks"
  | "notification"
  | keyof JobInputs
  | keyof JobEnd
>;

/** One column for each tag, since rows can't be filtered by what a list holds. A job has eight tags at most. */
export const tagColumns = Array.from({ length: 8 }, (_, at) => `tag${at}`);

export function jobKey(jobId: string): { partitionKey: string; rowKey: string } {
  const partitionKey = tagOfId("job", jobId);
  if (partitionKey === undefined) throw new AppError("notFound", "There is no such job.");
  return { partitionKey, rowKey: jobId };
}

export function toJobRow(job: JobRecord): TableEntity<JobRow> {
  const {
    id,
    caller,
    status,
    model,
    createdAt,
    startedAt,
    inputs,
    awaits,
    callbacks,
    notification,
    ...facts
  } = job;
  const { finishedAt, failure, usage, repeatedCalls, unansweredCalls, ...rest } = facts;
  const { prompt, ...request } = rest.request;
  return {
    ...jobKey(id),
    caller,
    status,
    open: !isTerminal(status),
    model,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined &&
      endingColumns({ finishedAt, ...withoutAbsent({ failure, usage, repeatedCalls, unansweredCalls }) })),
    ...promptColumns(prompt),
    inputs: JSON.stringify({ inputs, awaits }),
    ...(notification && { notification }),
    ...callbacksColumn(callbacks),
    ...Object.fromEntries(
      tagColumns.flatMap((name, at) => (job.tags?.[at] === undefined ? [] : [[name, job.tags[at]]])),
    ),
    rest: JSON.stringify({ ...rest, request }),
  };
}

/** How a job ended, for a row that need not be read before. */
export function endColumns(jobId: string, { status, ...facts }: JobEnd) {
  return { ...jobKey(jobId), status, open: false, ...endingColumns(facts) };
}

function endingColumns({ finishedAt, ...ending }: Omit<JobEnd, "status">) {
  return { finishedAt, ending: JSON.stringify(ending) };
}

export function fromJobRow(row: JobRow & { rowKey: string }): JobRecord {
  const rest = JSON.parse(row.rest) as JobRest;
  return {
    ...rest,
    ...(row.notification !== undefined && {
      notification: row.notification === "pending" ? "pending" : "sent",
    }),
    ...(row.callbacks !== undefined && { callbacks: JSON.parse(row.callbacks) as Callback[] }),
    // A row that was written before there were edits has no such column.
    ...(JSON.parse(row.inputs ?? "{}") as JobInputs),
    id: row.rowKey,
    caller: row.caller,
    status: readStatus(row.status),
    model: row.model,
    createdAt: row.createdAt,
    ...(row.startedAt !== undefined && { startedAt: row.startedAt }),
    ...(row.finishedAt !== undefined && { finishedAt: row.finishedAt }),
    ...(row.ending !== undefined && (JSON.parse(row.ending) as JobEnding)),
    request: { ...rest.request, prompt: row.prompt + (row.promptRest ?? "") },
  };
}

/** Never parted within a surrogate pair: half a character is no text that can be stored. */
function promptColumns(prompt: string): Pick<JobRow, "prompt" | "promptRest"> {
  if (prompt.length <= maxColumnLength) return { prompt };
  const isWithinPair = /[\ud800-\udbff]/.test(prompt.charAt(maxColumnLength - 1));
  const end = isWithinPair ? maxColumnLength - 1 : maxColumnLength;
  return { prompt: prompt.slice(0, end), promptRest: prompt.slice(end) };
}

export function callbacksColumn(callbacks: readonly Callback[] | undefined): Pick<JobRow, "callbacks"> {
  return callbacks ? { callbacks: JSON.stringify(callbacks) } : {};
}

/** What an ended job's row knows of its slots: written once by `slotsColumn`, and a mark for each image with thumbnails. */
export function slotsOfRow(row: JobRow & Record<string, unknown>): SlotRecord[] | undefined {
  if (row.slots === undefined) return undefined;
  const slots = JSON.parse(row.slots) as SlotRecord[];
  return slots.map((slot) =>
    slot.state === "stored" && row[thumbnailColumn(slot.index)] === true
      ? { ...slot, hasThumbnails: true }
      : slot,
  );
}

export function slotsColumn(slots: readonly SlotRecord[]): Pick<JobRow, "slots"> {
  const text = JSON.stringify(slots);
  return text.length > maxColumnLength ? {} : { slots: text };
}

/** One column for each image: writers that mark different ones never overwrite each other. */
export const thumbnailColumn = (index: number): string => `thumbnail${index}`;

function readStatus(text: string): JobStatus {
  const status = jobStatuses.find((candidate) => candidate === text);
  if (!status) throw new AppError("internal", `a job's row has the unknown status ${JSON.stringify(text)}`);
  return status;
}

/**
 * Slots, calls, events and the end of a job share its partition, so that they change together. No row but a call's is
 * ever rewritten.
 */
export type ProgressRow = {
  json: string;
  thumbnails?: boolean;
};

type Row = ProgressRow & { rowKey: string };

const numbered = (kind: string, digits: number) => (number: number) =>
  `${kind}-${String(number).padStart(digits, "0")}`;
export const slotKey = numbered("slot", 3);
export const callKey = numbered("call", 3);
export const eventKey = numbered("event", 6);
/** Sorts after every event. */
export const afterEvents = "event.";
export const endKey = "end";
/** Stands while the job runs. */
export const openKey = "open";

export const isSlotRow = ({ rowKey }: { rowKey: string }) => rowKey.startsWith("slot-");
export const isCallRow = ({ rowKey }: { rowKey: string }) => rowKey.startsWith("call-");
export const isEventRow = ({ rowKey }: { rowKey: string }) => rowKey.startsWith("event-");
export const isEndRow = ({ rowKey }: { rowKey: string }) => rowKey === endKey;
export const isOpenRow = ({ rowKey }: { rowKey: string }) => rowKey === openKey;

export const openRow = (jobId: string) => ({ partitionKey: jobId, rowKey: openKey });
export const endRow = (jobId: string) => ({ partitionKey: jobId, rowKey: endKey });

export function toSlotRow(jobId: string, slot: SlotRecord): TableEntity<ProgressRow> {
  return toRow(jobId, slotKey(slot.index), slot);
}

export function fromSlotRow(row: ProgressRow): SlotRecord {
  const slot = JSON.parse(row.json) as SlotRecord;
  return slot.state === "stored" ? withoutAbsent({ ...slot, hasThumbnails: row.thumbnails }) : slot;
}

export function thumbnailsMark(jobId: string, index: number) {
  return { partitionKey: jobId, rowKey: slotKey(index), thumbnails: true };
}

export function toCallRow(jobId: string, call: CallRecord): TableEntity<ProgressRow> {
  return toRow(jobId, callKey(call.call), call);
}

export function fromCallRow(row: ProgressRow): CallRecord {
  return JSON.parse(row.json) as CallRecord;
}

/** When it happened is the row's own timestamp: the table's clock is the only one that all writers share. */
export function toEventRow(jobId: string, number: number, event: JobEvent): TableEntity<ProgressRow> {
  return toRow(jobId, eventKey(number), event);
}

export function fromEventRow(row: Row & { timestamp?: string }): NumberedEvent {
  const event = JSON.parse(row.json) as JobEvent;
  const at = new Date(row.timestamp ?? 0).toISOString();
  return { ...event, number: Number(row.rowKey.slice("event-".length)), at };
}

export function toEndRow(jobId: string, end: JobEnd): TableEntity<ProgressRow> {
  return toRow(jobId, endKey, end);
}

export function fromEndRow(row: ProgressRow): JobEnd {
  return JSON.parse(row.json) as JobEnd;
}

function toRow(partitionKey: string, rowKey: string, value: object): TableEntity<ProgressRow> {
  return { partitionKey, rowKey, json: JSON.stringify(value) };
}
