import { odata } from "@azure/data-tables";
import { idAt } from "../../domain/job-id.ts";
import type { UsedJob } from "../../domain/usage.ts";
import type { JobStore, JobUsage } from "../../ports/jobs.ts";
import { fromJobRow, type JobRow, slotsOfRow } from "./job-entities.ts";
import type { Tables } from "./tables.ts";

/** Jobs by the time they came at, which their ids begin with: of one partition, or of all. */
export function tableJobUsage(
  { jobs, ensure }: Pick<Tables, "jobs" | "ensure">,
  { readProgress }: Pick<JobStore, "readProgress">,
): JobUsage {
  return {
    async *list({ from, to, of }) {
      await ensure();
      // Newer ids come first.
      const times = odata`RowKey gt ${idAt("job", to.getTime() - 1)} and RowKey lt ${idAt("job", from.getTime() - 1)}`;
      const filter = of ? odata`PartitionKey eq ${of.callerTag} and caller eq ${of.caller} and ` : "";
      for await (const row of jobs.listEntities<JobRow>({ queryOptions: { filter: filter + times } })) {
        if (row.deletedAt === undefined) yield usedJob({ ...row, rowKey: row.rowKey ?? "" });
      }
    },
  };

  async function usedJob(row: JobRow & { rowKey: string } & Record<string, unknown>): Promise<UsedJob> {
    const { id, caller, model, createdAt, tags = [], price, usage } = fromJobRow(row);
    const facts = { caller, model, createdAt, tags, price };
    if (row.open) return facts;
    const slots = slotsOfRow(row) ?? (await readProgress(id)).slots;
    return { ...facts, made: { images: slots.filter(({ state }) => state === "stored").length, usage } };
  }
}
