import { odata } from "@azure/data-tables";
import type { CancellationNotices } from "../../ports/cancellations.ts";
import { removeUnchanged, type Tables } from "./tables.ts";

/**
 * Notices lie in one partition of the table of jobs, in order of time, so that every instance reads the latest of all jobs by
 * one request, however many jobs it works for. No caller's tag has this name.
 */
const partitionKey = "canceled";

export function tableCancellationNotices({
  jobs,
  ensure,
}: Pick<Tables, "jobs" | "ensure">): CancellationNotices {
  async function* rows(range: string): AsyncGenerator<{ rowKey: string; jobId: string }> {
    await ensure();
    const filter = `${odata`PartitionKey eq ${partitionKey}`} and ${range}`;
    for await (const { rowKey = "", jobId } of jobs.listEntities<{ jobId: string }>({
      queryOptions: { filter },
    }))
      yield { rowKey, jobId };
  }

  return {
    async publish(jobId, at) {
      await ensure();
      await jobs.upsertEntity({ partitionKey, rowKey: `${at.toISOString()}-${jobId}`, jobId }, "Replace");
    },
    async since(at) {
      const found: string[] = [];
      for await (const { jobId } of rows(odata`RowKey ge ${at.toISOString()}`)) found.push(jobId);
      return found;
    },
    async removeBefore(at) {
      for await (const { rowKey } of rows(odata`RowKey lt ${at.toISOString()}`))
        await removeUnchanged(jobs, { partitionKey, rowKey });
    },
  };
}
