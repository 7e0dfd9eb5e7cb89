import { setTimeout as sleep } from "node:timers/promises";
import { isRestError } from "@azure/core-rest-pipeline";
import type { TableClient, TableServiceClient } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import { memoizeSuccess } from "../../async/memoize-success.ts";

// Two writers of one row, one of them twice, and some to spare; each meets the other at most once.
export const maxRounds = 8;

export interface Tables {
  jobs: TableClient;
  slots: TableClient;
  deliveries: TableClient;
  hooks: TableClient;
  callers: TableClient;
  /** Makes the tables if they aren't there; called before the first use of each process. */
  ensure: () => Promise<void>;
}

export function makeTables(service: TableServiceClient, clientOf: (name: string) => TableClient): Tables {
  const clients = {
    jobs: clientOf("jobs"),
    slots: clientOf("slots"),
    deliveries: clientOf("deliveries"),
    hooks: clientOf("hooks"),
    callers: clientOf("callers"),
  };
  return {
    ...clients,
    ensure: memoizeSuccess(async () => {
      await Promise.all(Object.keys(clients).map((name) => service.createTable(name)));
    }),
  };
}

/**
 * Reads and writes until nobody else wrote in between: what `round` throws with such a status is another writer's doing, and
 * it begins anew.
 */
export async function withOptimisticConcurrency<T>(
  round: () => Promise<T>,
  disturbances: readonly number[] = [412],
): Promise<T> {
  for (let rounds = 0; rounds < maxRounds; rounds += 1) {
    try {
      return await round();
    } catch (error) {
      if (!disturbances.some((status) => hasStatus(error, status))) throw error;
    }
  }
  throw keptChanging();
}

/** Removes a row as it was read. One that is gone is no fault; one that was written since stays. */
export async function removeUnchanged(
  table: TableClient,
  row: { partitionKey?: string; rowKey?: string; etag?: string },
): Promise<void> {
  const { partitionKey = "", rowKey = "", etag = "*" } = row;
  try {
    await ignoreNotFound(table.deleteEntity(partitionKey, rowKey, { etag }));
  } catch (error) {
    if (!hasStatus(error, 412)) throw error;
  }
}

/** Thrown when a row was changed under the writer in every round. */
export function keptChanging(): AppError {
  return new AppError("internal", "a row kept changing while it was written");
}

export async function ignoreNotFound<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

const secondLookMs = 100;

/** Reads what must be there or be gone for good: a single stray 404 isn't believed, since anyone who believes it stops its work. */
export async function surelyRead<T>(read: () => Promise<T>): Promise<T | undefined> {
  const found = await ignoreNotFound(read());
  if (found !== undefined) return found;
  await sleep(secondLookMs);
  return ignoreNotFound(read());
}

/** Whether a conditional write failed because of another writer: a row was made, changed or removed in between. */
export function isConflict(error: unknown): boolean {
  return [404, 409, 412].some((status) => hasStatus(error, status));
}

/** Removes all rows that fit, one after another. One that is written anew in between stays. */
export async function removeRows(table: TableClient, filter: string): Promise<void> {
  for await (const row of table.listEntities({ queryOptions: { filter } })) await removeUnchanged(table, row);
}

/** The ETag of what was written; the service always tells it, and a write under an empty one would check nothing. */
export function requireEtag(written: { etag?: string } | undefined): string {
  if (!written?.etag) throw new AppError("internal", "a row was written and its ETag not told");
  return written.etag;
}

export function hasStatus(error: unknown, status: number): boolean {
  return isRestError(error) && error.statusCode === status;
}
