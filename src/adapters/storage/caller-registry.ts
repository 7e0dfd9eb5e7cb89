import { odata, type TransactionAction } from "@azure/data-tables";
import type { CallerRecord } from "../../domain/caller-registry.ts";
import type { CallerRegistry } from "../../ports/callers.ts";
import { type Tables, withOptimisticConcurrency } from "./tables.ts";

const partitionKey = "registry";
// No caller's name begins so.
const versionKey = "!version";

interface Row {
  json?: string;
}

/**
 * One row for each caller with all its keys, in one partition. Each change also writes the row of the version as it was read:
 * of two changes at a time one begins anew, whichever callers they are of.
 */
export function tableCallerRegistry({ callers, ensure }: Pick<Tables, "callers" | "ensure">): CallerRegistry {
  async function read(): Promise<{ all: CallerRecord[]; etag: string | undefined }> {
    await ensure();
    const all: CallerRecord[] = [];
    let etag: string | undefined;
    const filter = odata`PartitionKey eq ${partitionKey}`;
    for await (const row of callers.listEntities<Row>({ queryOptions: { filter } })) {
      if (row.rowKey === versionKey) etag = row.etag;
      else if (row.json !== undefined) all.push(JSON.parse(row.json) as CallerRecord);
    }
    return { all, etag };
  }

  return {
    list: async () => (await read()).all,
    change: (change) =>
      withOptimisticConcurrency(async () => {
        const { all, etag } = await read();
        const changed = change(all);
        const version = { partitionKey, rowKey: versionKey };
        const row = { partitionKey, rowKey: changed.name, json: JSON.stringify(changed) };
        const guard: TransactionAction =
          etag === undefined ? ["create", version] : ["update", version, "Replace", { etag }];
        await callers.submitTransaction([guard, ["upsert", row, "Replace"]]);
        return changed;
      }, [409, 412]),
  };
}
