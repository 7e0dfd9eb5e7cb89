import type { PassedRequest } from "../counting-proxy.ts";

/** Entities of one partition of one table that a request touches. */
export interface Touched {
  table: string;
  partition: string;
  entities: number;
}

/** Reads it from an address, a filter, a row's body or the parts of a transaction. Empty for a request to Blob Storage. */
export function touchedBy({ path, query, body }: PassedRequest): Touched[] {
  if (path.startsWith("images/")) return [];
  // A transaction: each part names its row, or inserts one with a body.
  const texts = path.startsWith("$batch") ? body.split(/^--changeset/m) : [`${path} ${query} ${body}`];
  const touched = new Map<string, Touched>();
  for (const text of texts) {
    const table = /([a-z]+)(?:\(|\s|\?|$)/.exec(path.startsWith("$batch") ? afterAccount(text) : text)?.[1];
    const partition = /PartitionKey(?:=| eq |":")'?([\w-]+)/.exec(text)?.[1];
    if (table === undefined || partition === undefined) continue;
    const known = touched.get(partition) ?? { table, partition, entities: 0 };
    touched.set(partition, { ...known, entities: known.entities + 1 });
  }
  return [...touched.values()];
}

/** Of `MERGE http://host/account/slots(PartitionKey=…` what stands behind the account. */
function afterAccount(text: string): string {
  return /https?:\/\/[^/]+\/[^/]+\/(\S+)/.exec(text)?.[1] ?? "";
}
