import { odata } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import { isTerminal, type JobStatus, mayBecome } from "../../domain/image-job.ts";
import { tagOfId } from "../../domain/job-id.ts";
import type { Conclude, JobStore } from "../../ports/jobs.ts";
import type { JobRecord } from "../../ports/records.ts";
import { announcedJobs } from "./announced-jobs.ts";
import { clearPartition } from "./clear-partition.ts";
import {
  fromJobRow,
  jobKey,
  type JobRow,
  slotsColumn,
  thumbnailColumn,
  thumbnailsMark,
  toJobRow,
} from "./job-entities.ts";
import { tableJobList } from "./job-list.ts";
import { notePending } from "./pending-index.ts";
import { tableProgressStore } from "./progress-store.ts";
import { hasStatus, ignoreNotFound, surelyRead, type Tables, withOptimisticConcurrency } from "./tables.ts";

/** Jobs, their slots and their calls in Table Storage. */
export function tableJobStore({ jobs, slots, ensure }: Tables): JobStore {
  async function readRow(jobId: string) {
    if (tagOfId("job", jobId) === undefined) return undefined;
    const { partitionKey, rowKey } = jobKey(jobId);
    const row = await surelyRead(() => jobs.getEntity<JobRow>(partitionKey, rowKey));
    return row?.deletedAt === undefined ? row : undefined;
  }

  const isDeleted = async (jobId: string): Promise<boolean> => (await readRow(jobId)) === undefined;

  /** While a job is removed its own row outlives all others, and says that it had ended. */
  async function isClosed(jobId: string): Promise<boolean> {
    const row = await readRow(jobId);
    return !row || isTerminal(fromJobRow(rowOf(row)).status);
  }

  const progress = tableProgressStore({ slots, ensure }, { isClosed, isDeleted });

  async function advance(jobId: string, to: JobStatus, facts: Partial<JobRecord>): Promise<JobRecord> {
    return rewrite(jobId, (job) => moved(job, to, facts));
  }

  /** Writes what `change` makes of the job as it stands, or nothing when it makes nothing of it. Other columns stay. */
  async function rewrite(
    jobId: string,
    change: (job: JobRecord) => JobRecord | undefined,
    columns: Pick<JobRow, "slots"> = {},
  ): Promise<JobRecord> {
    return withOptimisticConcurrency(async () => {
      const row = await readRow(jobId);
      if (!row) throw new AppError("notFound", "There is no such job.");
      const job = fromJobRow(rowOf(row));
      const changed = change(job);
      if (!changed) return job;
      await jobs.updateEntity({ ...toJobRow(changed), ...columns }, "Merge", { etag: row.etag });
      return changed;
    });
  }

  async function end(jobId: string, decide: Conclude): Promise<JobRecord> {
    const row = await readRow(jobId);
    if (!row) throw new AppError("notFound", "There is no such job.");
    const job = fromJobRow(rowOf(row));
    // A job that was refused when it was recorded has nothing beside its record.
    if (isTerminal(job.status)) return job;
    const { end: ended, slots: settled } = await progress.conclude(jobId, decide);
    const { status, ...facts } = ended;
    return rewrite(jobId, (current) => moved(current, status, facts), slotsColumn(settled));
  }

  async function amend(jobId: string, facts: Partial<JobRecord>): Promise<JobRecord> {
    return rewrite(jobId, (job) => (isTerminal(job.status) ? undefined : { ...job, ...facts }));
  }

  /** A lost answer makes the client send once more and meet its own row: that row is ours, not a conflict. */
  function isOwn(job: JobRecord, existing: JobRow): boolean {
    return existing.caller === job.caller && existing.createdAt === job.createdAt;
  }

  return announcedJobs({
    ...progress,
    ...tableJobList({ jobs, ensure }, (jobId) => progress.readProgress(jobId)),
    async create(job) {
      await ensure();
      await notePending(jobs, job.id, "record");
      try {
        await jobs.createEntity(toJobRow(job));
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
        const existing = await readRow(job.id);
        // A conflict with nothing is storage's own confusion.
        if (!existing) throw error;
        if (!isOwn(job, existing))
          throw new AppError("conflict", "This job exists already.", { cause: error });
      }
    },
    async read(jobId) {
      const row = await readRow(jobId);
      return row && fromJobRow(rowOf(row));
    },
    async hasEnded(jobId) {
      return (await progress.hasEnd(jobId)) || isClosed(jobId);
    },
    isDeleted,
    async clearIfDeleted(jobId) {
      if (!(await isDeleted(jobId))) return false;
      await clearPartition(slots, jobId);
      return true;
    },
    advance,
    amend,
    end,
    async markThumbnails(jobId, index) {
      await ignoreNotFound(slots.updateEntity(thumbnailsMark(jobId, index), "Merge"));
      const row = { ...jobKey(jobId), [thumbnailColumn(index)]: true };
      await ignoreNotFound(jobs.updateEntity(row, "Merge"));
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

function moved(job: JobRecord, to: JobStatus, facts: Partial<JobRecord>): JobRecord | undefined {
  return job.status === to || !mayBecome(job.status, to) ? undefined : { ...job, ...facts, status: to };
}

/** The client types a row's own keys as optional; a row that was read always has them. */
function rowOf<T extends object>(row: T & { rowKey?: string }): T & { rowKey: string } {
  return { ...row, rowKey: row.rowKey ?? "" };
}
