import type { TableClient } from "@azure/data-tables";
import type { Tables } from "../../src/adapters/storage/tables.ts";

/** The same tables, where each row that is read of the jobs is counted, and each filter kept. */
export function countedReads(tables: Tables) {
  let rows = 0;
  let filters: (string | undefined)[] = [];
  async function* counting<T>(found: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const row of found) {
      rows += 1;
      yield row;
    }
  }
  const jobs: Pick<TableClient, "getEntity" | "listEntities"> = {
    getEntity: (...key) => {
      rows += 1;
      return tables.jobs.getEntity(...key);
    },
    listEntities: (options) => {
      filters.push(options?.queryOptions?.filter);
      const found = tables.jobs.listEntities<never>(options);
      return Object.assign(counting(found), found, { [Symbol.asyncIterator]: () => counting(found) });
    },
  };
  const counted = new Proxy(tables.jobs, {
    get: (_, name) => {
      const value: unknown = Reflect.get(name in jobs ? jobs : tables.jobs, name);
      return typeof value === "function" ? (value.bind(tables.jobs) as unknown) : value;
    },
  });
  return {
    tables: { ...tables, jobs: counted },
    take() {
      const seen = { rows, filters };
      rows = 0;
      filters = [];
      return seen;
    },
  };
}
