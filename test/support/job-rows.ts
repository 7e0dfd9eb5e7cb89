import type { TableClient } from "@azure/data-tables";
import type { JobRecord } from "../../src/ports/records.ts";
import { toJobRow } from "../../src/adapters/storage/job-entities.ts";
import { aJob } from "./jobs.ts";

const maxInTransaction = 100;

/** Rows of one caller's jobs, straight through the table client: ten thousand of them would take the store a minute. */
export async function insertJobs(jobs: TableClient, records: readonly JobRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += maxInTransaction) {
    const some = records.slice(at, at + maxInTransaction);
    await jobs.submitTransaction(some.map((job) => ["create", { ...toJobRow(job) }]));
  }
}

/** Jobs of one caller, a second apart, as they would be after a while of use. */
export function manyJobs(count: number, from: Date, change: (at: number) => Partial<JobRecord>): JobRecord[] {
  return Array.from({ length: count }, (_, at) =>
    aJob({ createdAt: new Date(from.getTime() + at * 1_000).toISOString(), ...change(at) }),
  );
}
