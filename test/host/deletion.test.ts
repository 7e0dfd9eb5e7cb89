import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecordedInstances } from "../../packages/functions-host/src/durable/journal.ts";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { LiveDarkroom } from "../support/darkroom.ts";
import { storageOf } from "../support/edits.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

skipUnlessEmbedded("reads the durable state of a host");

const darkroom = new LiveDarkroom();
const receiver = new WebhookReceiver();
let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "darkroom-deletion-"));
  await receiver.listen();
  receiver.answer = (_received, response) => response.writeHead(503).end();
  await darkroom.start({ data, settings: { URL_ALLOWLIST: receiver.origin } });
});
afterAll(async () => {
  await darkroom.stop();
  await receiver.close();
  await rm(data, { recursive: true, force: true });
});

/** What the task hub has of jobs: of themselves, of their batches and of their deliveries, which share what follows the prefix. */
function instancesOf(...ids: string[]) {
  const own = ids.map((id) => id.replace(/^job_/, ""));
  const all = readRecordedInstances(join(data, "host", "durable"));
  return all.filter(({ header }) => own.some((id) => header.id.includes(id)));
}
const rowsOf = (id: string) => instancesOf(id).reduce((sum, { history }) => sum + history.length, 0);
const open = (id: string) =>
  instancesOf(id).filter(({ header }) => ["Pending", "Running"].includes(header.status));

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

async function remove(id: string): Promise<void> {
  expect((await darkroom.fetch(`/api/jobs/${id}`, { method: "DELETE" })).status).toBe(204);
  expect((await darkroom.fetch(`/api/jobs/${id}`)).status).toBe(404);
}

describe("what a job leaves in the task hub", () => {
  it.each([
    ["dall-e-3", 1, 40],
    ["gpt-image-1", 4, 40],
    ["dall-e-2", 3, 40],
    ["dall-e-3", 4, 40 + 3 * 12],
  ])("%s, %i images: is little, and goes with it", async (model, n, rows) => {
    const size = model === "dall-e-2" ? "256x256" : "1024x1024";
    const { id } = await darkroom.run({ model, n, size, prompt: `counted [[latency=3000]]` });
    while (open(id).length > 0) await sleep(20);
    expect(rowsOf(id)).toBeGreaterThan(0);
    expect(rowsOf(id)).toBeLessThanOrEqual(rows);
    await remove(id);
    expect(instancesOf(id)).toEqual([]);
  });

  it("goes with it also where a delivery waits for its next try", async () => {
    const hooked = { model: "gpt-image-1", prompt: "hooked", webhook_url: `${receiver.origin}/busy` };
    const { id } = await darkroom.run(hooked);
    const isDelivery = ({ header }: { header: { name: string } }) => header.name === "webhook-delivery";
    while (receiver.received.length === 0 || !open(id).every(isDelivery)) await sleep(20);
    expect(open(id)).toHaveLength(1);
    await remove(id);
    expect(instancesOf(id)).toEqual([]);
  });

  it("goes with it also where batches of a canceled job are at work", async () => {
    const { id } = await darkroom.accept({ model: "dall-e-3", n: 3, prompt: "given up [[latency=60000]]" });
    while ((await darkroom.calls("given up")).length < 3) await sleep(20);
    expect((await darkroom.fetch(`/api/jobs/${id}/cancel`, { method: "POST" })).status).toBe(200);
    await remove(id);
    expect(instancesOf(id)).toEqual([]);
  });
});

it("24 jobs of two pictures, each deleted right at its end, leave nothing", async () => {
  const ids = await Promise.all(
    Array.from({ length: 24 }, async (_, at) => {
      const { id } = await darkroom.accept({
        model: "gpt-image-1",
        n: 2,
        prompt: `gone ${at} [[image-size=64x64]]`,
      });
      expect((await darkroom.ended(id)).images).toHaveLength(2);
      await remove(id);
      return id;
    }),
  );
  // A step that was at work when its job was deleted ends by itself, and takes away what it wrote.
  await expect
    .poll(async () => (await everything()).filter((entry) => ids.some((id) => entry.includes(id))), {
      timeout: 60_000,
    })
    .toEqual([]);
  expect(instancesOf(...ids)).toEqual([]);
});
