import { odata, type TableEntity, type TransactionAction } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import { isTerminal } from "../../domain/image-job.ts";
import { tagOfId } from "../../domain/job-id.ts";
import type { Conclude, EndedJob, JobStore } from "../../ports/jobs.ts";
import type { JobRecord } from "../../ports/records.ts";
import { announcedJobs } from "./announced-jobs.ts";
import { clearPartition } from "./clear-partition.ts";
import {
  endColumns,
  fromJobRow,
  jobKey,
  type JobRow,
  slotsColumn,
  thumbnailColumn,
  thumbnailsMark,
  toJobRow,
} from "./job-entities.ts";
import { tableJobList } from "./job-list.ts";
import type { Partition } from "./job-partition.ts";
import { notePending } from "./pending-index.ts";
import { tableProgressStore } from "./progress-store.ts";
import { recentMap } from "../../domain/recent-map.ts";
import {
  hasStatus,
  ignoreNotFound,
  requireEtag,
  surelyRead,
  type Tables,
  withOptimisticConcurrency,
} from "./tables.ts";

// Jobs that are worked for here at about the same time, with room to spare.
const maxRemembered = 500;

/** A job's row as this process last read or wrote it. */
interface KnownRow {
  job: JobRecord;
  etag: string;
}

export const knownJobRows = () => recentMap<KnownRow>(maxRemembered);

/** Jobs, their slots and their calls in Table Storage. */
export function tableJobStore({ jobs, slots, ensure }: Tables, knownRows = knownJobRows()): JobStore {
  const knownPartitions = recentMap<Partition>(maxRemembered);

  /** Undefined, too, for a job that is being deleted. */
  async function readRow(jobId: string): Promise<KnownRow | undefined> {
    if (tagOfId("job", jobId) === undefined) return undefined;
    const { partitionKey, rowKey } = jobKey(jobId);
    const row = await surelyRead(() => jobs.getEntity<JobRow>(partitionKey, rowKey));
    if (!row || row.deletedAt !== undefined) {
      knownRows.delete(jobId);
      return undefined;
    }
    const known = { job: fromJobRow(rowOf(row)), etag: row.etag };
    knownRows.set(jobId, known);
    return known;
  }

  const progress = tableProgressStore({ slots, ensure }, knownPartitions);

  /**
   * Merges what `change` makes of a job's row as it stands, or nothing when it makes nothing of it. What this process knows
   * of the row is good enough: its ETag goes with the merge. Undefined when there is no such job.
   */
  async function mergeRow(
    jobId: string,
    change: (job: JobRecord) => { job: JobRecord; row: TableEntity<object> } | undefined,
  ): Promise<JobRecord | undefined> {
    let known = knownRows.get(jobId);
    return withOptimisticConcurrency(async () => {
      known ??= await readRow(jobId);
      if (!known) return undefined;
      const { job: current, etag } = known;
      known = undefined;
      const changed = change(current);
      if (!changed) return current;
      knownRows.delete(jobId);
      const merged = await jobs.updateEntity(changed.row, "Merge", { etag });
      knownRows.set(jobId, { job: changed.job, etag: requireEtag(merged) });
      return changed.job;
    }, [404, 412]);
  }

  /**
   * Removes what was written for a job whose row turns out to be gone: it was begun, or ended before it began, after its
   * deletion. Whatever else is written asserts that the job runs, and a job that runs isn't deleted.
   */
  async function clearGone(jobId: string): Promise<undefined> {
    knownPartitions.delete(jobId);
    await clearPartition(slots, jobId);
    return undefined;
  }

  async function begin(jobId: string, startedAt: string): Promise<JobRecord | undefined> {
    if (!(await progress.begin(jobId))) return undefined;
    const job = await mergeRow(jobId, (current) => {
      if (current.status !== "queued") return undefined;
      const status = "running" as const;
      return { job: { ...current, status, startedAt }, row: { ...jobKey(jobId), status, startedAt } };
    });
    if (!job) return clearGone(jobId);
    return isTerminal(job.status) ? undefined : job;
  }

  async function end(jobId: string, decide: Conclude): Promise<EndedJob | undefined> {
    const remembered = knownRows.get(jobId)?.job;
    const job = remembered?.status === "running" ? remembered : (await readRow(jobId))?.job;
    if (!job) return undefined;
    // A job that was refused when it was recorded has nothing beside its record.
    if (isTerminal(job.status)) return { job, slots: (await progress.readProgress(jobId)).slots };
    const { end: ended, slots: settled } = await progress.conclude(jobId, job.request.n, (known) =>
      decide(known, job),
    );
    const found = await mergeRow(jobId, (current) =>
      isTerminal(current.status)
        ? undefined
        : {
            job: { ...current, ...ended },
            row: { ...endColumns(jobId, ended), ...slotsColumn(settled) },
          },
    );
    return found ? { job: found, slots: settled } : clearGone(jobId);
  }

  async function amend(jobId: string, facts: Partial<JobRecord>): Promise<JobRecord> {
    const amended = await mergeRow(jobId, (current) => {
      const job = { ...current, ...facts };
      return isTerminal(current.status) ? undefined : { job, row: toJobRow(job) };
    });
    if (!amended) throw new AppError("notFound", "There is no such job.");
    return amended;
  }

  /** A lost answer makes the client send once more and meet its own row: that row is ours, not a conflict. */
  function isOwn(job: JobRecord, existing: JobRecord): boolean {
    return existing.caller === job.caller && existing.createdAt === job.createdAt;
  }

  return announcedJobs({
    ...progress,
    ...tableJobList({ jobs, ensure }, (jobId) => progress.readProgress(jobId)),
    async create(job) {
      await ensure();
      await notePending(jobs, job.id, "record");
      try {
        const created = await jobs.createEntity(toJobRow(job));
        knownRows.set(job.id, { job, etag: requireEtag(created) });
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
        const existing = await readRow(job.id);
        // A conflict with nothing is storage's own confusion.
        if (!existing) throw error;
        if (!isOwn(job, existing.job))
          throw new AppError("conflict", "This job exists already.", { cause: error });
      }
    },
    async read(jobId) {
      return (await readRow(jobId))?.job;
    },
    async recall(jobId) {
      const job = knownRows.get(jobId)?.job;
      const known = knownPartitions.get(jobId);
      // Before a job begins its record may still change.
      if (job && known && job.status !== "queued") return { job, progress: known, isFresh: false };
      const [row, read] = await Promise.all([readRow(jobId), progress.readProgress(jobId)]);
      return row && { job: row.job, progress: read, isFresh: true };
    },
    isDeleted: async (jobId) => (await readRow(jobId)) === undefined,
    async clearIfDeleted(jobId) {
      if (await readRow(jobId)) return false;
      await clearGone(jobId);
      return true;
    },
    begin,
    amend,
    end,
    async markNotification(jobId, state) {
      await ensure();
      if (state === "pending") await notePending(jobs, jobId, "again");
      await mergeRow(jobId, (job) => ({
        job: { ...job, notification: state },
        row: { ...jobKey(jobId), notification: state },
      }));
    },
    async markThumbnails(jobId, indexes) {
      const marks = indexes.map((index): TransactionAction => [
        "update",
        thumbnailsMark(jobId, index),
        "Merge",
      ]);
      try {
        await slots.submitTransaction(marks);
      } catch (error) {
        // A stray one changes nothing: what counts is the job's own row.
        if (!hasStatus(error, 404)) throw error;
      }
      const columns = Object.fromEntries(indexes.map((index) => [thumbnailColumn(index), true]));
      const marked = await mergeRow(jobId, (job) => ({ job, row: { ...jobKey(jobId), ...columns } }));
      return marked !== undefined;
    },
    async *listOpen(createdBefore) {
      await ensure();
      const filter = odata`open eq true and createdAt lt ${createdBefore.toISOString()}`;
      for await (const row of jobs.listEntities<JobRow>({ queryOptions: { filter } }))
        if (row.deletedAt === undefined) yield fromJobRow(rowOf(row));
    },
    async ping() {
      await ensure();
      await ignoreNotFound(jobs.getEntity("ping", "ping"));
    },
  });
}

/** The client types a row's own keys as optional; a row that was read always has them. */
function rowOf<T extends object>(row: T & { rowKey?: string }): T & { rowKey: string } {
  return { ...row, rowKey: row.rowKey ?? "" };
}
