import { odata } from "@azure/data-tables";
import { invalidRequest } from "../../domain/app-error.ts";
import type { AllJobs } from "../../ports/jobs.ts";
import { fromJobRow, type JobRow } from "./job-entities.ts";
import { hasStatus, type Tables } from "./tables.ts";

/** Jobs of all callers: over all partitions of the table, so caller by caller, each one's newest first. */
export function tableAllJobs({ jobs, ensure }: Pick<Tables, "jobs" | "ensure">): AllJobs {
  return {
    async list({ status, limit, after }) {
      await ensure();
      const filter = [
        "RowKey ge 'job_' and RowKey lt 'job`'",
        ...(status === undefined ? [] : [odata`status eq ${status}`]),
      ].join(" and ");
      const pages = jobs
        .listEntities<JobRow>({ queryOptions: { filter } })
        .byPage({ maxPageSize: limit, ...(after !== undefined && { continuationToken: after }) });
      try {
        for await (const page of pages) {
          const rows = page.filter(({ deletedAt }) => deletedAt === undefined);
          const found = rows.map((row) => fromJobRow({ ...row, rowKey: row.rowKey ?? "" }));
          return {
            jobs: found,
            ...(page.continuationToken !== undefined && { next: page.continuationToken }),
          };
        }
      } catch (error) {
        if (after === undefined || !(error instanceof SyntaxError || hasStatus(error, 400))) throw error;
        const message = "cursor is not known any more. Begin again without it.";
        throw invalidRequest([{ param: "cursor", message }]);
      }
      return { jobs: [] };
    },
  };
}
