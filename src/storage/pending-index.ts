import { odata, type TableClient } from "@azure/data-tables";
import { jobKey, type JobRow } from "./job-entities.ts";
import { orUndefined, removeUnchanged } from "./tables.ts";

/**
 * An index of the jobs that somebody must still look after: open ones, ends to be told, and deletions that are under way.
 * Its rows lie in one partition of the table of jobs, so that finding those jobs reads them alone, whatever the number of
 * ended jobs. No caller's tag has this name.
 *
 * Invariant: a row is written before what it points at becomes pending. A row that points at nothing pending is harmless, and
 * is removed by the next reader: it costs a job one write and its reader one read.
 */
const partitionKey = "pending";
const rowKey = (jobId: string): string => `of-${jobId}`;
// A request needs milliseconds from this row to the job's. What is older without a job was cut off in between.
const maxAheadMs = 10 * 60_000;
const readAtOnce = 16;

interface IndexRow {
  jobId: string;
}

interface Indexed {
  jobId: string;
  partitionKey?: string;
  rowKey?: string;
  etag?: string;
  timestamp?: string;
}

/** Written anew where it stands already: its ETag tells a reader that is about to remove it that the job is pending again. */
export async function notePending(jobs: TableClient, jobId: string): Promise<void> {
  await jobs.upsertEntity<IndexRow>({ partitionKey, rowKey: rowKey(jobId), jobId }, "Replace");
}

export async function forgetPending(jobs: TableClient, jobId: string): Promise<void> {
  await orUndefined(jobs.deleteEntity(partitionKey, rowKey(jobId)));
}

/** Rows of jobs that are pending at `now`; removes what points at others. */
export async function* pendingRows(
  jobs: TableClient,
  now: Date,
): AsyncGenerator<JobRow & { rowKey: string }> {
  const queryOptions = { filter: odata`PartitionKey eq ${partitionKey}` };
  const pages = jobs.listEntities<IndexRow>({ queryOptions }).byPage({ maxPageSize: readAtOnce });
  for await (const page of pages)
    yield* await Promise.all(page.map((row) => pendingRow(jobs, row, now))).then(known);
}

async function pendingRow(
  jobs: TableClient,
  indexed: Indexed,
  now: Date,
): Promise<(JobRow & { rowKey: string }) | undefined> {
  const key = jobKey(indexed.jobId);
  const row = await orUndefined(jobs.getEntity<JobRow>(key.partitionKey, key.rowKey));
  const isYoung = now.getTime() - Date.parse(indexed.timestamp ?? "") < maxAheadMs;
  if (row && isPending(row)) return { ...row, rowKey: key.rowKey };
  if (row || !isYoung) await removeUnchanged(jobs, indexed);
  return undefined;
}

function isPending({ open, notice, deletedAt }: JobRow): boolean {
  return open || notice === "due" || deletedAt !== undefined;
}

function known<T>(rows: (T | undefined)[]): T[] {
  return rows.filter((row) => row !== undefined);
}
