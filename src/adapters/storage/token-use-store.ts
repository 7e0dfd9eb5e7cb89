import { odata, type TableEntityResult } from "@azure/data-tables";
import { keyedMutex } from "../../async/keyed-mutex.ts";
import { AppError } from "../../domain/app-error.ts";
import type { TokenGrant } from "../../domain/identity.ts";
import type { TokenUses } from "../../ports/callers.ts";
import { ignoreNotFound, isConflict, removeRows, type Tables } from "./tables.ts";

const partitionKey = "token-uses";
// Many requests of one token at a moment, over all instances; those of one instance take turns.
const maxRounds = 40;

interface Row {
  jobs: number;
  expiresAt: string;
}

/** One row for each token that has had a job, in the table of callers: how many, which all instances add to. */
export function tableTokenUses({ callers, ensure }: Pick<Tables, "callers" | "ensure">): TokenUses {
  // So that requests of one instance don't disturb each other.
  const inTurn = keyedMutex();

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
      if (isConflict(error)) return false;
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
      await removeRows(callers, filter);
    },
  };
}
