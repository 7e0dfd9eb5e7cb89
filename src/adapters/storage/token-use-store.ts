import { odata, type TableEntityResult } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import type { TokenGrant } from "../../domain/identity.ts";
import type { TokenUses } from "../../ports/callers.ts";
import { hasStatus, ignoreNotFound, removeUnchanged, type Tables } from "./tables.ts";

const partitionKey = "token-uses";
// Many requests of one token at a moment, over all instances; those of one instance take turns.
const maxRounds = 40;

interface Row {
  jobs: number;
  expiresAt: string;
}

/** One row for each token that has had a job, in the table of callers: how many, which all instances add to. */
export function tableTokenUses({ callers, ensure }: Pick<Tables, "callers" | "ensure">): TokenUses {
  const turns = new Map<string, Promise<unknown>>();

  /** One after another for each token, so that requests of one instance don't disturb each other. */
  function inTurn<T>(id: string, task: () => Promise<T>): Promise<T> {
    const result = (turns.get(id) ?? Promise.resolve()).then(task);
    const turn = result.then(endTurn, endTurn);
    turns.set(id, turn);
    function endTurn() {
      if (turns.get(id) === turn) turns.delete(id);
    }
    return result;
  }

  async function write(
    { id, expiresAt }: TokenGrant,
    found: TableEntityResult<Row> | undefined,
    jobs: number,
  ): Promise<boolean> {
    const row = { partitionKey, rowKey: id, jobs, expiresAt };
    try {
      await (found ? callers.updateEntity(row, "Replace", { etag: found.etag }) : callers.createEntity(row));
      return true;
    } catch (error) {
      // Somebody else wrote it in between.
      if ([404, 409, 412].some((status) => hasStatus(error, status))) return false;
      throw error;
    }
  }

  /** Adds to the count while `mayAdd` the current one. */
  async function add(token: TokenGrant, by: number, mayAdd: (jobs: number) => boolean): Promise<boolean> {
    await ensure();
    for (let round = 0; round < maxRounds; round += 1) {
      const found = await ignoreNotFound(callers.getEntity<Row>(partitionKey, token.id));
      const jobs = found?.jobs ?? 0;
      if (!mayAdd(jobs)) return false;
      if (await write(token, found, jobs + by)) return true;
    }
    throw new AppError("throttled", "This token is asked for too many jobs at once.");
  }

  return {
    take: (token) => inTurn(token.id, () => add(token, 1, (jobs) => jobs < token.maxJobs)),
    async giveBack(token) {
      await inTurn(token.id, () => add(token, -1, (jobs) => jobs > 0));
    },
    async removeExpired(now) {
      await ensure();
      const filter = odata`PartitionKey eq ${partitionKey} and expiresAt lt ${now.toISOString()}`;
      for await (const row of callers.listEntities<Row>({ queryOptions: { filter } }))
        await removeUnchanged(callers, row);
    },
  };
}
