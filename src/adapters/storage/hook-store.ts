import { odata, type TableEntity, type TableEntityResult } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import { maxHooks } from "../../domain/hook.ts";
import type { HookStore } from "../../ports/deliveries.ts";
import type { HookRecord } from "../../ports/records.ts";
import { ignoreNotFound, removeUnchanged, type Tables, withOptimisticConcurrency } from "./tables.ts";

// What a write is answered when somebody else made the hook, or removed it, in between.
const madeOrRemoved = [404, 409];

interface Row {
  json: string;
}

/** Hooks in Table Storage: one partition for each caller, since an end concerns the hooks of one caller alone. */
export function tableHookStore({ hooks, ensure }: Pick<Tables, "hooks" | "ensure">): HookStore {
  async function readRow(callerTag: string, name: string): Promise<TableEntityResult<Row> | undefined> {
    await ensure();
    return ignoreNotFound(hooks.getEntity<Row>(callerTag, name));
  }

  async function list(callerTag: string): Promise<HookRecord[]> {
    await ensure();
    const found: HookRecord[] = [];
    const filter = odata`PartitionKey eq ${callerTag}`;
    for await (const row of hooks.listEntities<Row>({ queryOptions: { filter } })) found.push(fromRow(row));
    return found;
  }

  /** Callers who subscribe at the same moment may come out a little above the limit: it is there for runaways. */
  async function checkRoom({ callerTag, caller }: HookRecord): Promise<void> {
    const own = (await list(callerTag)).filter((hook) => hook.caller === caller);
    if (own.length < maxHooks) return;
    const full = `There are ${maxHooks} hooks already, which is the most; turn off workflows that need theirs no more.`;
    throw new AppError("conflict", full);
  }

  return {
    async subscribe(hook) {
      await withOptimisticConcurrency(async () => {
        const current = await readRow(hook.callerTag, hook.name);
        if (!current) {
          await checkRoom(hook);
          await hooks.createEntity(toRow(hook));
          return;
        }
        const { createdAt } = fromRow(current);
        // Whatever stands by now: of requests that come at the same moment, the last one written wins.
        await hooks.updateEntity(toRow({ ...hook, createdAt }), "Replace");
      }, madeOrRemoved);
    },
    list,
    async read(callerTag, name) {
      const row = await readRow(callerTag, name);
      return row && fromRow(row);
    },
    async remove({ callerTag, name }) {
      await ensure();
      await ignoreNotFound(hooks.deleteEntity(callerTag, name));
    },
    async drop({ callerTag, name, renewedAt }) {
      const row = await readRow(callerTag, name);
      if (!row || fromRow(row).renewedAt !== renewedAt) return;
      // One that was asked for anew in between stays: anyone who asks wants to be told.
      await removeUnchanged(hooks, row);
    },
  };
}

function toRow(hook: HookRecord): TableEntity<Row> {
  return { partitionKey: hook.callerTag, rowKey: hook.name, json: JSON.stringify(hook) };
}

function fromRow(row: Row): HookRecord {
  return JSON.parse(row.json) as HookRecord;
}
