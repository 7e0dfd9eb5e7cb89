import { odata } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import { maxSharesPerJob } from "../../domain/share.ts";
import type { ShareRecord, ShareStore } from "../../ports/shares.ts";
import { ignoreNotFound, type Tables } from "./tables.ts";

const keyOf = (shareId: string) => `share-${shareId}`;

/** Shares beside the deliveries of their job, in its partition there: what removes the job removes them. */
export function tableShareStore({ deliveries, ensure }: Pick<Tables, "deliveries" | "ensure">): ShareStore {
  async function list(jobId: string): Promise<ShareRecord[]> {
    await ensure();
    const shares: ShareRecord[] = [];
    const filter = odata`PartitionKey eq ${jobId} and RowKey ge 'share-' and RowKey lt 'share.'`;
    for await (const { json } of deliveries.listEntities<{ json: string }>({ queryOptions: { filter } }))
      shares.push(JSON.parse(json) as ShareRecord);
    return shares;
  }

  return {
    async add(share) {
      // Two that come at once may both be the last: the number keeps storage small, and nothing else depends on it.
      if ((await list(share.jobId)).length >= maxSharesPerJob)
        throw new AppError("conflict", `A job has at most ${maxSharesPerJob} shares; revoke one first.`);
      await deliveries.createEntity({
        partitionKey: share.jobId,
        rowKey: keyOf(share.id),
        json: JSON.stringify(share),
      });
    },
    list,
    async find(jobId, shareId) {
      await ensure();
      const row = await ignoreNotFound(deliveries.getEntity<{ json: string }>(jobId, keyOf(shareId)));
      return row && (JSON.parse(row.json) as ShareRecord);
    },
    async remove(jobId, shareId) {
      await ensure();
      await ignoreNotFound(deliveries.deleteEntity(jobId, keyOf(shareId)));
    },
  };
}
