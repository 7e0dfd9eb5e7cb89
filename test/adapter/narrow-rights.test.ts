import type { BlobServiceClient } from "@azure/storage-blob";
import { beforeAll, describe, expect, it } from "vitest";
import { blobBatchStore } from "../../src/adapters/storage/batch-store.ts";
import { blobResultStore } from "../../src/adapters/storage/result-store.ts";
import { blobImageStore } from "../../src/adapters/storage/image-store.ts";
import { linkMakers } from "../../src/adapters/storage/links.ts";
import { blobUploadStore } from "../../src/adapters/storage/upload-store.ts";
import { narrowed, useAzurite } from "../support/storage.ts";
import { cipher } from "../support/cipher.ts";

const azurite = useAzurite();
const clock = { now: () => new Date() };
let owner: BlobServiceClient;
let narrow: BlobServiceClient;
beforeAll(() => {
  owner = azurite.clients().blobs;
  // Who may write blobs and make no containers: what infra/modules/roles.bicep gives the code.
  narrow = narrowed(owner, { permissions: "rwc", resourceTypes: "o" });
});

const bytes = new TextEncoder().encode("pixels");
async function* input() {
  yield bytes;
}
const stores = {
  images: () =>
    blobImageStore(narrow, linkMakers(owner, 24, clock).makeLink, cipher).put("narrow/0.png", bytes, {
      contentType: "image/png",
    }),
  uploads: () => blobUploadStore(narrow, linkMakers(owner, 24, clock).makeTicket).write("narrow/0", input()),
  batches: () => blobBatchStore(narrow).nameOnce("narrow", { id: "bat_narrow", bodyHash: "" }),
  "edit-results": () => blobResultStore(narrow, "edit-results").publish("narrow.json", new Date(), {}),
};

describe.each(Object.entries(stores))("anyone who may write to %s but not make it", (container, write) => {
  it("is told so where it isn't there", async () => {
    await expect(write()).rejects.toMatchObject({ code: "ContainerNotFound" });
  });

  it("writes to the one that is there", async () => {
    await owner.getContainerClient(container).create();
    await expect(write()).resolves.not.toBe(false);
  });
});
