import { odata } from "@azure/data-tables";
import type { CancellationNotices } from "../../ports/cancellations.ts";
import { removeRows, type Tables } from "./tables.ts";

/**
 * Notices lie in one partition of the table of jobs, in order of time, so that every instance reads the latest of all jobs by
 * one request, however many jobs it works for. No caller's tag has this name.
 */
const partitionKey = "canceled";

export function tableCancellationNotices({
  jobs,
  ensure,
}: Pick<Tables, "jobs" | "ensure">): CancellationNotices {
  return {
    async publish(jobId, at) {
      await ensure();
      await jobs.upsertEntity({ partitionKey, rowKey: `${at.toISOString()}-${jobId}`, jobId }, "Replace");
    },
    async since(at) {
      await ensure();
      const found: string[] = [];
      const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${at.toISOString()}`;
      for await (const { jobId } of jobs.listEntities<{ jobId: string }>({ queryOptions: { filter } }))
        found.push(jobId);
      return found;
    },
    async removeBefore(at) {
      await ensure();
      await removeRows(jobs, odata`PartitionKey eq ${partitionKey} and RowKey lt ${at.toISOString()}`);
    },
  };
}
