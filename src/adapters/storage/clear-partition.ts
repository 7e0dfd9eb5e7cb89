import { odata, type TableClient, type TransactionAction } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import { isEndRow } from "./job-entities.ts";
import { hasStatus, maxRounds } from "./tables.ts";

const maxInTransaction = 100;

/**
 * Removes all rows of a partition, that of a job's end last: anyone who reads a part of them still sees that the job is over, and
 * adds none.
 */
export async function clearPartition(table: TableClient, partition: string): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    const keys: { partitionKey: string; rowKey: string }[] = [];
    const filter = odata`PartitionKey eq ${partition}`;
    const queryOptions = { filter, select: ["PartitionKey", "RowKey"] };
    for await (const { partitionKey = "", rowKey = "" } of table.listEntities({ queryOptions }))
      keys.push({ partitionKey, rowKey });
    if (keys.length === 0) return;
    const ordered = [...keys.filter((key) => !isEndRow(key)), ...keys.filter(isEndRow)];
    try {
      for (let at = 0; at < ordered.length; at += maxInTransaction)
        await table.submitTransaction(
          ordered.slice(at, at + maxInTransaction).map((key): TransactionAction => ["delete", key]),
        );
    } catch (error) {
      // Somebody else removes the same rows: see what is left of them.
      if (!hasStatus(error, 404)) throw error;
    }
  }
  throw new AppError("internal", "rows kept appearing while they were removed");
}
