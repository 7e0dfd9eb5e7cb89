import type { BlobServiceClient, ContainerClient } from "@azure/storage-blob";
import { beforeAll, expect, it } from "vitest";
import { inboxJobId } from "../../src/edits/inbox.ts";
import { randomJobIds } from "../../src/adapters/crypto/job-id-maker.ts";
import type { InboxFile, InboxListing } from "../../src/ports/inputs.ts";
import { blobInboxListing } from "../../src/adapters/storage/inbox-listing.ts";
import { linkMakers } from "../../src/adapters/storage/links.ts";
import { storageClients } from "../../src/adapters/storage/storage-clients.ts";
import { blobUploadStore } from "../../src/adapters/storage/upload-store.ts";
import { narrowed, useAzurite } from "../support/storage.ts";
import { tapBlobs } from "../support/tap.ts";

const azurite = useAzurite();
const clock = { now: () => new Date() };
let service: BlobServiceClient;
let inbox: ContainerClient;
beforeAll(() => {
  service = azurite.clients().blobs;
  inbox = service.getContainerClient("edit-inbox");
});

async function filesOf(listing: InboxListing): Promise<InboxFile[]> {
  const files: InboxFile[] = [];
  for await (const page of listing.pages()) files.push(...page);
  return files;
}

async function drop(name: string, metadata: Record<string, string> = {}): Promise<void> {
  await inbox.getBlockBlobClient(name).upload("x", 1, { metadata });
}

it("an inbox that was never used is empty, and after its first look costs one request", async () => {
  const tap = await tapBlobs(azurite.connectionString());
  const { blobs } = storageClients({ connectionString: tap.connectionString }, () => expect.unreachable());
  const listing = blobInboxListing(blobs, "edit-inbox");
  expect(await filesOf(listing)).toEqual([]);
  tap.requests.length = 0;
  expect(await filesOf(listing)).toEqual([]);
  expect(tap.requests).toEqual([expect.stringMatching(/^GET \/\w+\/edit-inbox\?.*comp=list/)]);
});

it("a file is shown as a look at it shows it: its job has the same id either way", async () => {
  const names = ["a b/ä €.json", "in/100%.png", "<&>.json"];
  await drop(names[0] ?? "");
  await drop(names[1] ?? "", { Prompt: "ein%20Hut", other: "theirs" });
  await drop(names[2] ?? "");
  const store = blobUploadStore(service, linkMakers(service, 24, clock).makeTicket);
  const deps = { ids: randomJobIds(clock), inboxCaller: "app:inbox" };
  const listed = await filesOf(blobInboxListing(service, "edit-inbox", 2));
  expect(listed.map(({ blob }) => blob).sort()).toEqual([...names].sort());
  for (const { blob, ...facts } of listed) {
    const found = await store.find({ container: "edit-inbox", blob });
    expect(facts).toEqual(found);
    expect(inboxJobId(deps, blob, facts)).toBe(inboxJobId(deps, blob, found ?? expect.unreachable()));
  }
});

it("blocks that nobody committed are no file", async () => {
  await inbox.getBlockBlobClient("half.json").stageBlock(Buffer.from("0").toString("base64"), "{", 1);
  expect((await filesOf(blobInboxListing(service, "edit-inbox"))).map(({ blob }) => blob)).not.toContain(
    "half.json",
  );
});

it("anyone who may read it and not make it can list it", async () => {
  await drop("narrow.json");
  const narrow = narrowed(service, { permissions: "rl", resourceTypes: "co" });
  expect((await filesOf(blobInboxListing(narrow, "edit-inbox"))).map(({ blob }) => blob)).toContain(
    "narrow.json",
  );
});
