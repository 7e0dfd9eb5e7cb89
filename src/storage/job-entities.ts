import type { TableEntity } from "@azure/data-tables";
import { tagOfId } from "../domain/job-id.ts";
import { type JobStatus, jobStatuses } from "../domain/image-job.ts";
import { Fault } from "../domain/fault.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { CallRecord, JobRecord, SlotRecord, WebhookWish } from "../records.ts";

/**
 * Records as table rows. Facts that are looked up or filtered by have a column of their own; the rest is one JSON
 * column, because a row is written by one version of Darkroom and may be read by the next.
 *
 * The prompt has its own column: a column holds 32,768 characters, and the longest prompt has 32,000. So have inputs:
 * seventeen file names of a thousand characters each.
 */

export interface JobRow {
  caller: string;
  status: string;
  open: boolean;
  model: string;
  createdAt: string;
  prompt: string;
  inputs?: string;
  /** Whether the end is still to be told by webhook; a column of its own, since that changes after the end. */
  notice?: string;
  rest: string;
}

type JobInputs = Pick<JobRecord, "inputs" | "awaits">;
type JobRest = Omit<
  JobRecord,
  "id" | "caller" | "status" | "model" | "createdAt" | "webhook" | keyof JobInputs
> & { webhook?: Omit<WebhookWish, "state"> };

/** One column for each tag, since rows can't be filtered by what a list holds. A job has eight tags at most. */
export const tagColumns = Array.from({ length: 8 }, (_, at) => `tag${at}`);

export function jobKey(jobId: string): { partitionKey: string; rowKey: string } {
  const partitionKey = tagOfId("job", jobId);
  if (partitionKey === undefined) throw new Fault("notFound", "There is no such job.");
  return { partitionKey, rowKey: jobId };
}

export function toJobRow(job: JobRecord): TableEntity<JobRow> {
  const { id, caller, status, model, createdAt, inputs, awaits, webhook, ...rest } = job;
  const { prompt, ...request } = rest.request;
  const open = status === "queued" || status === "running";
  return {
    ...jobKey(id),
    caller,
    status,
    open,
    model,
    createdAt,
    prompt,
    inputs: JSON.stringify({ inputs, awaits }),
    ...(webhook && { notice: webhook.state }),
    ...Object.fromEntries(
      tagColumns.flatMap((name, at) => (job.tags?.[at] === undefined ? [] : [[name, job.tags[at]]])),
    ),
    rest: JSON.stringify({
      ...rest,
      request,
      ...(webhook && { webhook: { url: webhook.url, events: webhook.events } }),
    }),
  };
}

export function fromJobRow(row: JobRow & { rowKey: string }): JobRecord {
  const { webhook, ...rest } = JSON.parse(row.rest) as JobRest;
  return {
    ...rest,
    ...(webhook && { webhook: { ...webhook, state: row.notice === "due" ? "due" : "settled" } }),
    // A row that was written before there were edits has no such column.
    ...(JSON.parse(row.inputs ?? "{}") as JobInputs),
    id: row.rowKey,
    caller: row.caller,
    status: readStatus(row.status),
    model: row.model,
    createdAt: row.createdAt,
    request: { ...rest.request, prompt: row.prompt },
  };
}

function readStatus(text: string): JobStatus {
  const status = jobStatuses.find((candidate) => candidate === text);
  if (!status) throw new Fault("internal", `a job's row has the unknown status ${JSON.stringify(text)}`);
  return status;
}

/** Slots and calls of a job share its partition, so that a call and its slots are written in one transaction. */
export type ProgressRow = {
  json: string;
  thumbnails?: boolean;
};

export const slotKey = (index: number): string => `slot-${String(index).padStart(3, "0")}`;
export const callKey = (call: number): string => `call-${String(call).padStart(3, "0")}`;

export function isSlotRow({ rowKey }: { rowKey: string }): boolean {
  return rowKey.startsWith("slot-");
}

export function toSlotRow(jobId: string, slot: SlotRecord): TableEntity<ProgressRow> {
  return { partitionKey: jobId, rowKey: slotKey(slot.index), json: JSON.stringify(slot) };
}

export function fromSlotRow(row: ProgressRow): SlotRecord {
  const slot = JSON.parse(row.json) as SlotRecord;
  return slot.state === "stored" ? withoutAbsent({ ...slot, hasThumbnails: row.thumbnails }) : slot;
}

export function toCallRow(jobId: string, call: CallRecord): TableEntity<ProgressRow> {
  return { partitionKey: jobId, rowKey: callKey(call.call), json: JSON.stringify(call) };
}

export function fromCallRow(row: ProgressRow): CallRecord {
  return JSON.parse(row.json) as CallRecord;
}
