import { randomBytes } from "node:crypto";
import { TableClient } from "@azure/data-tables";
import type { JobList } from "../../src/contracts/http-api.ts";
import { median, milliseconds, percentile } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

const maxInTransaction = 100;
const boundMs = 100;

/** How long a page of twenty jobs takes, anywhere among thousands, each with an image and its thumbnails. */
export async function measureListLatency(
  stack: Stack,
  { rounds, warmUps, jobs }: BenchSize["list"],
): Promise<Row> {
  await insertCopies(stack, jobs);
  const measured: number[] = [];
  let cursor: string | undefined;
  for (let round = -warmUps; round < rounds; round += 1) {
    const started = performance.now();
    const page: JobList = await stack.list(cursor);
    if (round >= 0) measured.push(performance.now() - started);
    cursor = page.next_cursor;
  }
  const slow = percentile(measured, 95);
  return {
    what: `list: a page of 20 of ${jobs} jobs, p95 / ${boundMs} ms`,
    figures: `${milliseconds(median(measured))}, p95 ${milliseconds(slow)}`,
    ratio: slow / boundMs,
    bound: 1,
  };
}

/** Copies of a job that was really made, under ids of their own: making thousands would take an hour. */
async function insertCopies(stack: Stack, jobs: number): Promise<void> {
  const { id } = await stack.run({ model: "dall-e-3", prompt: "A lighthouse among many" });
  const table = TableClient.fromConnectionString(stack.darkroom.storage, "jobs", {
    allowInsecureConnection: true,
  });
  // An id is its prefix and time, its caller's tag, and chance.
  const [time, partitionKey] = [id.slice(0, 14), id.slice(14, 26)];
  const row = await table.getEntity(partitionKey, id);
  // What the service adds to a row isn't written.
  const ours = Object.entries(row).filter(([name]) => !/^(etag|timestamp|odata\.metadata)$/.test(name));
  const columns = Object.fromEntries(ours);
  for (let done = 0; done < jobs; done += maxInTransaction) {
    const copies = Array.from({ length: maxInTransaction }, () => {
      const chance = [...randomBytes(10)].map((byte) => (byte % 32).toString(32).replace(/[ilou]/, "z"));
      return { ...columns, partitionKey, rowKey: `${time}${partitionKey}${chance.join("")}` };
    });
    await table.submitTransaction(copies.map((copy) => ["upsert", copy, "Replace"]));
  }
}
