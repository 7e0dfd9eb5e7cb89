import { odata, type TransactionAction } from "@azure/data-tables";
import type { OpenTicket, TicketStore } from "../../ports/inputs.ts";
import { ignoreNotFound, type Tables } from "./tables.ts";

const removedAtOnce = 16;

/** Tickets for uploads beside the hooks, in a partition of each caller. Callers' own tags have no such beginning. */
export function tableTicketStore({ hooks, ensure }: Pick<Tables, "hooks" | "ensure">): TicketStore {
  const partitionOf = (callerTag: string) => `tickets-${callerTag}`;

  return {
    async add(callerTag, tickets) {
      await ensure();
      const partitionKey = partitionOf(callerTag);
      await hooks.submitTransaction(
        tickets.map(({ uploadId: rowKey, expiresAt }): TransactionAction => [
          "upsert",
          { partitionKey, rowKey, expiresAt },
          "Replace",
        ]),
      );
    },
    async list(callerTag) {
      await ensure();
      const found: OpenTicket[] = [];
      const filter = odata`PartitionKey eq ${partitionOf(callerTag)}`;
      const rows = hooks.listEntities<{ expiresAt: Date }>({ queryOptions: { filter } });
      for await (const { rowKey = "", expiresAt } of rows) found.push({ uploadId: rowKey, expiresAt });
      return found;
    },
    async remove(callerTag, tickets) {
      for (let at = 0; at < tickets.length; at += removedAtOnce) {
        const some = tickets.slice(at, at + removedAtOnce);
        await Promise.all(
          some.map(({ uploadId }) => ignoreNotFound(hooks.deleteEntity(partitionOf(callerTag), uploadId))),
        );
      }
    },
  };
}
