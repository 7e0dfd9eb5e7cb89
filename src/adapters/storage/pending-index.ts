import { odata, type TableClient } from "@azure/data-tables";
import { jobKey, type JobRow } from "./job-entities.ts";
import { ignoreNotFound, removeUnchanged, surelyRead } from "./tables.ts";

/**
 * An index of the jobs that somebody must still look after: open ones, ends to be told, and deletions that are under way.
 * Its rows lie in one partition of the table of jobs, so that finding those jobs reads them alone, whatever the number of
 * ended jobs. No caller's tag has this name.
 *
 * Invariant: a row is written before what it points at becomes pending. A row that points at nothing pending is harmless, and
 * is removed by the next reader: it costs a job one write and its reader one read.
 *
 * A job that was recorded and has been told of is never pending by its record again, so that row goes at once. What makes it
 * pending anew has a row of its own, which its reader may meet before that is written, and leaves until its writer is over.
 */
const partitionKey = "pending";
const prefixes = { record: "of-", again: "again-" } as const;
type Reason = keyof typeof prefixes;
const rowKey = (jobId: string, reason: Reason): string => prefixes[reason] + jobId;
// Anyone who wrote a row writes the job's next, and the host ends every invocation after ten minutes (host.json).
const maxAheadMs = 15 * 60_000;
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

type Found = JobRow & { rowKey: string };

/**
 * To be called before a job is recorded (`record`), and before it is marked as deleted or its end becomes due anew
 * (`again`). Written anew where it stands already: its ETag tells a reader that is about to remove it.
 */
export async function notePending(jobs: TableClient, jobId: string, reason: Reason): Promise<void> {
  await jobs.upsertEntity<IndexRow>({ partitionKey, rowKey: rowKey(jobId, reason), jobId }, "Replace");
}

export async function removePending(jobs: TableClient, jobId: string): Promise<void> {
  const rows = (["record", "again"] as const).map((reason) => rowKey(jobId, reason));
  await Promise.all(rows.map((row) => ignoreNotFound(jobs.deleteEntity(partitionKey, row))));
}

/** Rows of jobs that are pending at `now`, each once; removes what points at others. Passes over those that `rests`. */
export async function* pendingRows(
  jobs: TableClient,
  now: Date,
  rests: (jobId: string) => boolean,
): AsyncGenerator<Found> {
  const queryOptions = { filter: odata`PartitionKey eq ${partitionKey}` };
  const seen = new Set<string>();
  let batch: Indexed[] = [];
  async function* readBatch(): AsyncGenerator<Found> {
    const found = await Promise.all(batch.map((row) => pendingRow(jobs, row, now)));
    batch = [];
    for (const row of found) {
      if (!row || seen.has(row.rowKey)) continue;
      seen.add(row.rowKey);
      yield row;
    }
  }
  for await (const row of jobs.listEntities<IndexRow>({ queryOptions })) {
    if (rests(row.jobId)) continue;
    batch.push(row);
    if (batch.length === readAtOnce) yield* readBatch();
  }
  yield* readBatch();
}

async function pendingRow(jobs: TableClient, indexed: Indexed, now: Date): Promise<Found | undefined> {
  const key = jobKey(indexed.jobId);
  const row = await surelyRead(() => jobs.getEntity<JobRow>(key.partitionKey, key.rowKey));
  if (row && isPending(row)) return { ...row, rowKey: key.rowKey };
  const isOld = now.getTime() - Date.parse(indexed.timestamp ?? "") >= maxAheadMs;
  // The job of a row that is ahead of it: to be written, or to become pending.
  const isAhead = indexed.rowKey === rowKey(indexed.jobId, "record") ? !row : row !== undefined;
  if (!isAhead || isOld) await removeUnchanged(jobs, indexed);
  return undefined;
}

function isPending({ open, notification, deletedAt }: JobRow): boolean {
  return open || notification === "pending" || deletedAt !== undefined;
}
