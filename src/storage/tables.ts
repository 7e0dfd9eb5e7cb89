import { RestError, type TableClient, type TableServiceClient } from "@azure/data-tables";
import { Fault } from "../domain/fault.ts";

// Two writers of one row, one of them twice, and some to spare; each meets the other at most once.
export const mostRounds = 8;

export interface Tables {
  jobs: TableClient;
  slots: TableClient;
  /** Makes the tables if they aren't there; called before the first use of each process. */
  ensure: () => Promise<void>;
}

/** Table reads and writes of one process; tables are made once, and a failure to make them isn't remembered. */
export function makeTables(service: TableServiceClient, clientOf: (name: string) => TableClient): Tables {
  let ready: Promise<unknown> | undefined;
  return {
    jobs: clientOf("jobs"),
    slots: clientOf("slots"),
    async ensure() {
      ready ??= Promise.all([service.createTable("jobs"), service.createTable("slots")]);
      await ready.catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
    },
  };
}

/** Thrown when a row was changed under the writer in every round. */
export function keptChanging(): Fault {
  return new Fault("internal", "a row kept changing while it was written");
}

export async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof RestError && error.statusCode === status;
}
