import { createHash, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { odata, type TransactionAction } from "@azure/data-tables";
import { keyedMutex } from "../../async/keyed-mutex.ts";
import {
  type Account,
  type AccountEntry,
  emptyAccount,
  isTokenAccount,
  tokenAccountName,
} from "../../domain/quota/account.ts";
import type { CallerAccounts } from "../../ports/accounts.ts";
import { ignoreNotFound, isConflict, keptChanging, removeRows, type Tables } from "./tables.ts";

interface Row {
  /** JSON. */
  state: string;
}

const accountKey = "account";
const entryPrefix = "job-";
const maxConflicts = 60;
const maxPauseMs = 25;

/**
 * A partition of the table of callers for each owner: its account, and a row for each job that is entered. The account's row is
 * written with each of them, by compare-and-set, so that of writers at one moment one comes after the other. Writers of one
 * instance take turns.
 */
export function tableCallerAccounts({ callers, ensure }: Pick<Tables, "callers" | "ensure">): CallerAccounts {
  const inTurn = keyedMutex();

  const read = (partitionKey: string, rowKey: string) =>
    ignoreNotFound(callers.getEntity<Row>(partitionKey, rowKey));

  async function write(actions: TransactionAction[]): Promise<boolean> {
    try {
      await callers.submitTransaction(actions);
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }

  return {
    change: (owner, jobId, edit) =>
      inTurn(owner, async () => {
        await ensure();
        const partitionKey = partitionOf(owner);
        const rowKey = `${entryPrefix}${jobId}`;
        for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
          const [accountRow, entryRow] = await Promise.all([
            read(partitionKey, accountKey),
            read(partitionKey, rowKey),
          ]);
          const changed = edit({
            account: accountIn(accountRow),
            entry: entryRow && (JSON.parse(entryRow.state) as AccountEntry),
          });
          if (!changed) return;
          const row = { partitionKey, rowKey: accountKey, state: JSON.stringify(changed.account) };
          const entry = { partitionKey, rowKey, state: JSON.stringify(changed.entry) };
          const actions: TransactionAction[] = [
            accountRow ? ["update", row, "Replace", { etag: accountRow.etag }] : ["create", row],
            ...(changed.entry ? [["upsert", entry, "Replace"] satisfies TransactionAction] : []),
            ...(!changed.entry && entryRow
              ? [["delete", { partitionKey, rowKey }] satisfies TransactionAction]
              : []),
          ];
          if (await write(actions)) return;
          await sleep(randomInt(maxPauseMs));
        }
        throw keptChanging();
      }),
    async read(owner) {
      await ensure();
      return accountIn(await read(partitionOf(owner), accountKey));
    },
    async entries(owner) {
      await ensure();
      const filter = odata`PartitionKey eq ${partitionOf(owner)} and RowKey ge ${entryPrefix} and RowKey lt ${"job."}`;
      const found: { jobId: string; entry: AccountEntry }[] = [];
      for await (const { rowKey = "", state } of callers.listEntities<Row>({ queryOptions: { filter } }))
        found.push({
          jobId: rowKey.slice(entryPrefix.length),
          entry: JSON.parse(state) as AccountEntry,
        });
      return found;
    },
    async removeExpired(endedBefore) {
      await ensure();
      const [first, end] = ["", endedBefore.toISOString()].map((expiresAt) =>
        partitionOf(tokenAccountName({ id: "", expiresAt })).trimEnd(),
      );
      await removeRows(callers, odata`PartitionKey ge ${first} and PartitionKey lt ${end}`);
    },
  };
}

/** A row that was written before there were budgets says nothing of them. */
function accountIn(row: Row | undefined): Account {
  return row ? { ...emptyAccount, ...(JSON.parse(row.state) as Account) } : emptyAccount;
}

/** An owner's name may hold what a key may not. Those of tokens keep their order. */
function partitionOf(owner: string): string {
  if (isTokenAccount(owner)) return `account-${owner}`;
  return `account-${createHash("sha256").update(owner).digest("hex")}`;
}
