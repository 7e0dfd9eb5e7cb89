import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRecordedInstances } from "../../local/host/durable/journal.ts";
import { skipWhenAimed } from "../support/aim.ts";
import { LiveDarkroom } from "../support/darkroom.ts";
import { storageOf } from "../support/edits.ts";

skipWhenAimed("reads the durable state of a host");

const darkroom = new LiveDarkroom();
let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "darkroom-deletion-"));
  await darkroom.start({ data });
});
afterAll(async () => {
  await darkroom.stop();
  await rm(data, { recursive: true, force: true });
});

/** Ids of orchestrations that haven't come to their end. */
function running(): string[] {
  const instances = readRecordedInstances(join(data, "host", "durable"));
  const open = instances.filter(({ header }) => ["Pending", "Running"].includes(header.status));
  return open.map(({ header }) => header.id);
}

/** Names of all blobs and keys of all rows that tell of a job. */
async function everything(): Promise<string[]> {
  const { storage } = darkroom.running;
  const found = [
    ...(await storageOf(darkroom).names("images")),
    ...(await storageOf(darkroom).names("uploads")),
  ];
  for (const name of ["jobs", "slots", "deliveries"]) {
    const table = TableClient.fromConnectionString(storage, name, { allowInsecureConnection: true });
    for await (const { partitionKey, rowKey } of table.listEntities())
      found.push(`${name} ${partitionKey} ${rowKey}`);
  }
  return found;
}

it("24 jobs of two pictures, each deleted right at its end, leave nothing", async () => {
  const ids = await Promise.all(
    Array.from({ length: 24 }, async (_, at) => {
      const { id } = await darkroom.accept({
        model: "gpt-image-1",
        n: 2,
        prompt: `gone ${at} [[image-size=64x64]]`,
      });
      expect((await darkroom.ended(id)).images).toHaveLength(2);
      expect((await darkroom.fetch(`/api/jobs/${id}`, { method: "DELETE" })).status).toBe(204);
      expect((await darkroom.fetch(`/api/jobs/${id}`)).status).toBe(404);
      return id;
    }),
  );
  while (running().length > 0) await sleep(50);
  expect((await everything()).filter((entry) => ids.some((id) => entry.includes(id)))).toEqual([]);
});
