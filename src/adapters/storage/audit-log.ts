import { randomUUID } from "node:crypto";
import { odata } from "@azure/data-tables";
import type { AuditEntry, AuditLog } from "../../ports/callers.ts";
import type { Tables } from "./tables.ts";

const partitionKey = "audit";
// The last instant that a Date can hold: what is taken off it sorts newest first.
const latestMs = 8_640_000_000_000_000;

/** One row for each act, newest first. None is ever changed but for its outcome, or removed. */
export function tableAuditLog({ callers, ensure }: Pick<Tables, "callers" | "ensure">): AuditLog {
  return {
    async begin(entry) {
      await ensure();
      const inverted = String(latestMs - Date.parse(entry.at)).padStart(16, "0");
      const row = { partitionKey, rowKey: `${inverted}-${randomUUID()}` };
      const { at, operator, act, target, requestId } = entry;
      await callers.createEntity({ ...row, at, operator, act, target, requestId });
      return async (outcome) => {
        await callers.updateEntity({ ...row, outcome }, "Merge");
      };
    },
    async list(limit) {
      await ensure();
      const filter = odata`PartitionKey eq ${partitionKey}`;
      const pages = callers.listEntities<AuditEntry>({ queryOptions: { filter } });
      for await (const page of pages.byPage({ maxPageSize: limit }))
        return page.map(({ at, operator, act, target, requestId, outcome }) => ({
          ...{ at, operator, act, target, requestId },
          ...(outcome !== undefined && { outcome }),
        }));
      return [];
    },
  };
}
