import { odata } from "@azure/data-tables";
import { type ClientResponse, responseName } from "../../domain/client-response.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { ClientResponses } from "../../ports/client-responses.ts";
import { idempotencyRowKey } from "./idempotency-store.ts";
import { hasStatus, ignoreNotFound, type Tables, withOptimisticConcurrency } from "./tables.ts";

type ResponseRow = Pick<ClientResponse, keyof ClientResponse>;

/** Responses are idempotency records with some columns more: written in one transaction with their job, and swept with the others. */
export function tableClientResponses({ jobs, ensure }: Pick<Tables, "jobs" | "ensure">): ClientResponses {
  const keyOf = (response: Pick<ClientResponse, "bodyHash" | "jobId">) =>
    idempotencyRowKey(responseName(response));

  return {
    async list(tag, bodyHash, since) {
      await ensure();
      const [first, end] = ["", "~"].map((jobId) => keyOf({ bodyHash, jobId }));
      const filter = odata`PartitionKey eq ${tag} and RowKey ge ${first} and RowKey lt ${end} and recordedAt ge ${since.toISOString()}`;
      const found: ClientResponse[] = [];
      for await (const row of jobs.listEntities<ResponseRow>({ queryOptions: { filter } }))
        found.push(responseIn(row));
      return found;
    },
    async take(seen, { tag, holder }, heldUntil) {
      const row = await ignoreNotFound(jobs.getEntity<ResponseRow>(tag, keyOf(seen)));
      if (!row || !isSame(responseIn(row), seen)) return false;
      const { jobId, bodyHash, recordedAt } = seen;
      const taken = {
        partitionKey: tag,
        rowKey: keyOf(seen),
        jobId,
        bodyHash,
        recordedAt,
        holder,
        heldUntil,
      };
      try {
        await jobs.updateEntity(taken, "Replace", { etag: row.etag });
        return true;
      } catch (error) {
        if (hasStatus(error, 412) || hasStatus(error, 404)) return false;
        throw error;
      }
    },
    async change({ tag, holder, ...response }, facts) {
      const rowKey = keyOf(response);
      await withOptimisticConcurrency(async () => {
        const row = await ignoreNotFound(jobs.getEntity<ResponseRow>(tag, rowKey));
        if (!row || (row.holder ?? "") !== holder) return;
        await jobs.updateEntity({ partitionKey: tag, rowKey, ...facts }, "Merge", { etag: row.etag });
      });
    },
  };
}

function responseIn(row: ResponseRow): ClientResponse {
  const { jobId, bodyHash, recordedAt, holder, heldUntil, outcome, settledAt } = row;
  return withoutAbsent({ jobId, bodyHash, recordedAt, holder, heldUntil, outcome, settledAt });
}

function isSame(one: ClientResponse, other: ClientResponse): boolean {
  return (["holder", "heldUntil", "outcome", "settledAt"] as const).every(
    (fact) => one[fact] === other[fact],
  );
}
