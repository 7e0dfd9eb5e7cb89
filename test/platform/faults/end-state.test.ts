import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { endState } from "../../../scripts/faults/run/end-state.ts";
import { LogWatch } from "../../../scripts/faults/stack/log-watch.ts";
import { StorageView } from "../../../scripts/faults/stack/storage-view.ts";

let azurite: Azurite;
let temporary = "";
beforeAll(async () => {
  azurite = await startAzurite(undefined);
  temporary = await mkdtemp(join(tmpdir(), "end-state-"));
});
afterAll(async () => {
  await azurite.stop();
  await rm(temporary, { recursive: true });
});

it("a stack that is left as it should be breaks nothing; each thing left behind is told by its promise", async () => {
  const log = new LogWatch();
  const stack = { log, temporary, storage: azurite.connectionString, restarts: () => 2 };
  const broken = async (blows: number) => (await endState(stack, blows, 0)).map(({ invariant }) => invariant);
  expect(await broken(2)).toEqual([]);

  await mkdir(join(temporary, "darkroom-inputs-x"));
  expect(await broken(2)).toEqual(["temporary folders are removed"]);
  await rm(join(temporary, "darkroom-inputs-x"), { recursive: true });

  expect(await broken(1)).toEqual(["the app's process lives"]);

  log.write("?sig=abcdefghij");
  expect(await broken(2)).toEqual(["no secret in a log"]);
  log.found.clear();

  const jobs = TableClient.fromConnectionString(azurite.connectionString, "jobs", {
    allowInsecureConnection: true,
  });
  await jobs.createTable();
  await jobs.createEntity({ partitionKey: "tag", rowKey: "job_told", open: false, notification: "sent" });
  await jobs.createEntity({ partitionKey: "tag", rowKey: "job_due", open: false, notification: "pending" });
  for (const jobId of ["job_told", "job_due"])
    await jobs.createEntity({ partitionKey: "pending", rowKey: `of-${jobId}`, jobId });
  expect(await broken(2)).toEqual(["an ended job that was told of is pending no more"]);
  await jobs.deleteEntity("pending", "of-job_told");

  const orphans = "no blob without its row, and no row without its job";
  const options = { allowInsecureConnection: true };
  const slots = TableClient.fromConnectionString(azurite.connectionString, "slots", options);
  await slots.createTable();
  await slots.createEntity({ partitionKey: "job_gone", rowKey: "slot-000", json: "{}" });
  expect(await broken(2)).toEqual([orphans]);
  await slots.deleteEntity("job_gone", "slot-000");

  await new StorageView(azurite.connectionString).drop("images", "job_gone/0.256.webp", Buffer.from("late"));
  expect(await broken(2)).toEqual([orphans]);
});
