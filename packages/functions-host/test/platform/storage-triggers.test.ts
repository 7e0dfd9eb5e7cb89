import { BlobServiceClient } from "@azure/storage-blob";
import { QueueServiceClient } from "@azure/storage-queue";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startAzurite } from "../../../../local/azurite.ts";
import type { Azurite } from "../../../../local/azurite.ts";
import { loadKeys } from "../../src/keys.ts";
import { eventually, seen, useHosts } from "./host-process.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite(undefined);
});
afterAll(() => azurite.stop());
const hosts = useHosts();
afterEach(() => hosts.killAll());

let names = 0;
/** A host with a queue and a container of its own, so that tests do not read each other's messages. */
async function startHost(env: Record<string, string> = {}) {
  names += 1;
  const queueName = `work-${names}`;
  const containerName = `inbox-${names}`;
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  const settings = {
    QUEUE_NAME: queueName,
    AzureWebJobsStorage: azurite.connectionString,
    AzureFunctionsWebHost__hostid: `host-${names}`,
    CONTAINER_NAME: containerName,
    LOCAL_HOST_BLOB_SCAN_MS: "100",
    ...env,
  };
  const host = await hosts.start({ mode: "triggers", env: settings });
  const queue = service.getQueueClient(queueName);
  await queue.createIfNotExists();
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
    containerName,
  );
  await container.createIfNotExists();
  return {
    host,
    container,
    settings,
    queue,
    poison: service.getQueueClient(`${queueName}-poison`),
    send: (text: string) => queue.sendMessage(Buffer.from(text, "utf8").toString("base64")),
    notes: async () => (await seen(host.url)).map((note) => JSON.parse(note) as Record<string, unknown>),
  };
}
const countOf = async (queue: { getProperties(): Promise<{ approximateMessagesCount?: number }> }) =>
  (await queue.getProperties()).approximateMessagesCount ?? 0;
const isThere = (queue: { exists(): Promise<boolean> }) => queue.exists();

test("a message reaches its function with its metadata, JSON parsed, and is deleted", async () => {
  const { queue, send, notes } = await startHost();
  await send('{"color":"red"}');
  const found = await eventually(notes, (all) => all.some(({ message }) => message !== undefined));
  expect(found).toContainEqual({ message: { color: "red" }, dequeueCount: 1, color: "red" });
  await eventually(
    () => countOf(queue),
    (count) => count === 0,
  );
});

test("a message that always fails is tried five times and then set aside as it was", async () => {
  const { host, queue, poison, send, notes } = await startHost();
  await send("fail");
  await eventually(() => isThere(poison), Boolean);
  await eventually(
    () => countOf(poison),
    (count) => count === 1,
  );
  await eventually(
    () => countOf(queue),
    (count) => count === 0,
  );
  const { receivedMessageItems } = await poison.receiveMessages();
  expect(Buffer.from(receivedMessageItems[0]!.messageText, "base64").toString()).toBe("fail");
  expect(
    (await notes()).filter(({ message }) => message === "fail").map(({ dequeueCount }) => dequeueCount),
  ).toEqual([1, 2, 3, 4, 5]);
  await host.printed(`Message has reached MaxDequeueCount of 5. Moving message to queue '${poison.name}'.`);
});

test("a function that works longer than a message stays hidden gets it once", async () => {
  const { queue, send, notes } = await startHost({ LOCAL_HOST_VISIBILITY_SECONDS: "1" });
  await send("long");
  await eventually(notes, (all) => all.some(({ message }) => message === "long"));
  await eventually(
    () => countOf(queue),
    (count) => count === 0,
  );
  expect((await notes()).filter(({ message }) => message === "long")).toHaveLength(1);
});

test("a message whose host was killed comes back to the next one soon", async () => {
  const { host, queue, send, settings } = await startHost({ LOCAL_HOST_VISIBILITY_SECONDS: "2" });
  await send("long");
  await eventually(
    () => seen(host.url),
    (notes) => notes.some((note) => note.includes('"long"')),
  );
  host.signal("SIGKILL");
  await host.exited;
  const next = await hosts.start({ mode: "triggers", env: settings, data: host.data });
  const notes = await eventually(
    () => seen(next.url),
    (all) => all.some((note) => note.includes('"long"')),
  );
  expect(notes).toContainEqual(JSON.stringify({ message: "long", dequeueCount: 2 }));
  await eventually(
    () => countOf(queue),
    (count) => count === 0,
  );
});

test("a queue function can start an orchestration", async () => {
  const { host, send } = await startHost();
  await send("start");
  const status = await eventually(
    async () => {
      const response = await fetch(`${host.url}/jobs/from-queue`);
      return response.ok ? ((await response.json()) as Record<string, unknown>) : {};
    },
    ({ runtimeStatus }) => runtimeStatus === "Completed",
  );
  expect(status["output"]).toBe("done");
});

test("a blob reaches its function once per version, with its name parts and metadata", async () => {
  const { host, container, settings, notes } = await startHost();
  const upload = (text: string) =>
    container
      .getBlockBlobClient("folder/one.json")
      .upload(text, text.length, { metadata: { prompt: "cat" } });
  const blobsSeen = async () =>
    (await notes()).filter(({ blob }) => blob === `${container.containerName}/folder/one.json`);
  await upload("first");
  const first = await eventually(blobsSeen, (all) => all.length > 0);
  expect(first).toEqual([
    {
      blob: `${container.containerName}/folder/one.json`,
      name: "folder/one",
      metadata: { prompt: "cat" },
      text: "first",
    },
  ]);
  await upload("second");
  expect((await eventually(blobsSeen, (all) => all.length > 1))[1]).toMatchObject({ text: "second" });

  host.signal("SIGTERM");
  await host.exited;
  const next = await hosts.start({ mode: "triggers", env: settings, data: host.data });
  await container.getBlockBlobClient("folder/two.json").upload("new", 3);
  const after = await eventually(
    () => seen(next.url),
    (all) => all.some((note) => note.includes("two.json")),
  );
  expect(after.some((note) => note.includes("one.json"))).toBe(false);
});

test("a blob whose name does not fit the path is left alone", async () => {
  const { container, notes } = await startHost();
  await container.getBlockBlobClient("a-picture.png").upload("x", 1);
  await container.getBlockBlobClient("z-last.json").upload("x", 1);
  const found = await eventually(notes, (all) =>
    all.some(({ blob }) => blob === `${container.containerName}/z-last.json`),
  );
  expect(found.some(({ blob }) => blob === `${container.containerName}/a-picture.png`)).toBe(false);
});

test("a blob that always fails ends in the poison queue after five tries", async () => {
  const { container, notes } = await startHost();
  await container.getBlockBlobClient("poison.json").upload("fail", 4);
  const poison = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
    "webjobs-blobtrigger-poison",
  );
  await eventually(() => isThere(poison), Boolean);
  await eventually(
    () => countOf(poison),
    (count) => count > 0,
  );
  const { receivedMessageItems } = await poison.receiveMessages();
  const message = JSON.parse(
    Buffer.from(receivedMessageItems[0]!.messageText, "base64").toString(),
  ) as unknown;
  expect(message).toMatchObject({
    Type: "BlobTrigger",
    FunctionId: "Host.Functions.onBlob",
    BlobName: "poison.json",
  });
  expect((await notes()).filter(({ text }) => text === "fail")).toHaveLength(5);
});

test("the blob webhook answers the validation event and announces a blob", async () => {
  const { host, container, notes } = await startHost({ LOCAL_HOST_BLOB_SCAN_MS: "3600000" });
  const { etag } = await container.getBlockBlobClient("event.json").upload("by event", 8);
  const { system } = loadKeys(host.data);
  const webhook = (name: string) =>
    `${host.url}/runtime/webhooks/blobs?functionName=Host.Functions.${name}&code=${system.blobs_extension}`;
  const post = (url: string, events: unknown, type = "Notification") =>
    fetch(url, { method: "POST", body: JSON.stringify(events), headers: { "aeg-event-type": type } });

  const validation = [{ data: { validationCode: "abc" } }];
  const validated = await post(webhook("onBlob"), validation, "SubscriptionValidation");
  expect(await validated.json()).toEqual({ validationResponse: "abc" });
  const { url } = container.getBlockBlobClient("event.json");
  const created = [{ data: { url, eTag: etag?.replaceAll('"', "") } }];
  expect((await post(webhook("onBlob"), created, "Other")).status).toBe(400);
  expect((await post(webhook("absent"), created)).status).toBe(404);
  expect(
    (await post(`${host.url}/runtime/webhooks/blobs?functionName=Host.Functions.onBlob`, created)).status,
  ).toBe(401);
  expect((await post(webhook("onBlob"), created)).status).toBe(202);
  await eventually(notes, (all) => all.some(({ text }) => text === "by event"));
});

test("a timer that asks for it runs on startup, monitored, and can be run by hand", async () => {
  const { host, notes } = await startHost();
  const timers = async () => (await notes()).filter(({ timer }) => timer !== undefined);
  expect(await eventually(timers, (all) => all.length > 0)).toEqual([{ timer: false, monitored: true }]);
  const stored = JSON.parse(readFileSync(join(host.data, "timers", "onStartup.json"), "utf8")) as {
    Next: string;
  };
  expect(stored.Next).toMatch(/-01-01T00:00:00\.000Z$/);
  const headers = { "x-functions-key": loadKeys(host.data).master };
  await fetch(`${host.url}/admin/functions/onStartup`, { method: "POST", body: "{}", headers });
  await eventually(timers, (all) => all.length === 2);
});
