import { odata, type TableClient } from "@azure/data-tables";
import { invalidRequest } from "../../domain/app-error.ts";
import { idAt } from "../../domain/job-id.ts";
import type { JobFilters } from "../../domain/list-cursor.ts";
import type { JobListQuery, JobPage, JobStore } from "../../ports/jobs.ts";
import type { JobProgress, JobRecord } from "../../ports/records.ts";
import { fromJobRow, type JobRow, slotsOfRow, tagColumns } from "./job-entities.ts";
import { hasStatus } from "./tables.ts";

type Row = JobRow & { rowKey: string } & Record<string, unknown>;

// A look ends after 1,000 matches or five seconds, whatever it has found: with filters that hardly anything fits, a page
// is short, or empty, and its cursor goes on from there.
const maxLooks = 2;
const readAtOnce = 10;

/** Jobs of one caller in Table Storage: a partition each, whose rows stand newest first. */
export function tableJobList(
  { jobs, ensure }: { jobs: TableClient; ensure: () => Promise<void> },
  readProgress: JobStore["readProgress"],
): Pick<JobStore, "list" | "listSucceeded"> {
  async function look(query: JobListQuery, pageSize: number, place: string | undefined) {
    const pages = jobs
      .listEntities<JobRow>({ queryOptions: { filter: filterOf(query) } })
      .byPage({ maxPageSize: pageSize, ...(place !== undefined && { continuationToken: place }) });
    try {
      for await (const page of pages) {
        const rows = page.map((row): Row => ({ ...row, rowKey: row.rowKey ?? "" }));
        return { rows, next: page.continuationToken };
      }
    } catch (error) {
      // The service and its client tell places in their own way, and may come to tell them in another.
      const isUnreadable = error instanceof SyntaxError || hasStatus(error, 400);
      if (place !== undefined && isUnreadable) throw staleCursor(error);
      throw error;
    }
    return { rows: [], next: undefined };
  }

  /** An ended job's row tells of its slots, so that hardly any partition is read. What it tells can't change any more. */
  async function progressOf(job: JobRecord, row: Row): Promise<JobProgress> {
    const slots = job.status === "queued" ? [] : slotsOfRow(row);
    return slots ? { slots, calls: [] } : readProgress(job.id);
  }

  return {
    async *listSucceeded({ createdAfter, finishedAfter, ...of }) {
      await ensure();
      const newest = odata`RowKey lt ${idAt("job", createdAfter.getTime())}`;
      const filter = `${filterOf({ ...of, status: "succeeded" })} and ${newest} and ${odata`finishedAt gt ${finishedAfter}`}`;
      const queryOptions = { filter, select: ["RowKey", "finishedAt", "deletedAt"] };
      for await (const row of jobs.listEntities<JobRow>({ queryOptions }))
        if (row.deletedAt === undefined) yield { id: row.rowKey ?? "", finishedAt: row.finishedAt ?? "" };
    },
    async list(query): Promise<JobPage> {
      await ensure();
      const rows: Row[] = [];
      let place = query.after;
      for (let looks = 0; looks < maxLooks && rows.length < query.limit; looks += 1) {
        const seen = await look(query, query.limit - rows.length, place);
        // Not by the filter, which has no comparison left.
        rows.push(...seen.rows.filter(({ deletedAt }) => deletedAt === undefined));
        place = seen.next;
        if (place === undefined) break;
      }
      const found = await mapConcurrently(rows, async (row): Promise<[JobRecord, JobProgress]> => {
        const job = fromJobRow(row);
        return [job, await progressOf(job, row)];
      });
      return { jobs: found, ...(place !== undefined && { next: place }) };
    },
  };
}

/** Thirteen comparisons at most: the service takes fifteen, and anyone who looks for what has ended adds two. */
function filterOf({
  callerTag,
  caller,
  status,
  model,
  tag,
}: Pick<JobListQuery, "callerTag" | "caller" | keyof JobFilters>): string {
  const isTag = odata`eq ${tag}`;
  return [
    // From the first job's id on: other rows of the caller stand before them.
    odata`PartitionKey eq ${callerTag} and RowKey ge 'job_' and caller eq ${caller}`,
    ...(status === undefined ? [] : [odata`status eq ${status}`]),
    ...(model === undefined ? [] : [odata`model eq ${model}`]),
    ...(tag === undefined ? [] : [`(${tagColumns.map((name) => `${name} ${isTag}`).join(" or ")})`]),
  ].join(" and ");
}

function staleCursor(cause: unknown) {
  const message = "cursor is not known any more. Begin again without it.";
  return Object.assign(invalidRequest([{ param: "cursor", message }]), { cause });
}

/** In order, a few at once. */
async function mapConcurrently<T, R>(items: readonly T[], one: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [at, item] of queue) results[at] = await one(item);
  };
  await Promise.all(Array.from({ length: readAtOnce }, worker));
  return results;
}
