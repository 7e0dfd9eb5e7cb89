import { BlockBlobClient } from "@azure/storage-blob";
import { beforeAll, describe, expect, it } from "vitest";
import type { UploadStore } from "../../src/ports/inputs.ts";
import { linkMakers } from "../../src/adapters/storage/links.ts";
import { blobUploadStore } from "../../src/adapters/storage/upload-store.ts";
import { useAzurite } from "../support/storage.ts";
import { statusOf, useAzuriteByIdentity } from "../support/storage-by-identity.ts";

const azurite = useAzurite();
const minute = 60_000;

function storeAt(now: number): UploadStore {
  const { blobs } = azurite.clients();
  return blobUploadStore(blobs, linkMakers(blobs, 24, { now: () => new Date(now) }).makeTicket);
}

let store: UploadStore;
beforeAll(() => {
  store = storeAt(Date.now());
});

const blockBlob = { "x-ms-blob-type": "BlockBlob" };

async function put(
  url: string,
  body = "pixels",
  headers: Record<string, string> = blockBlob,
): Promise<number> {
  return (await fetch(url, { method: "PUT", headers, body })).status;
}

async function textOf(blob: string): Promise<string> {
  let text = "";
  for await (const chunk of (await store.open({ container: "uploads", blob })) ?? []) {
    text += Buffer.from(chunk).toString();
  }
  return text;
}

describe("a ticket", () => {
  it("is good for one plain upload without credentials", async () => {
    const { url } = await store.ticket("plain/0");
    expect(await put(url)).toBe(201);
    expect(await textOf("plain/0")).toBe("pixels");
  });

  it("writes no second time, nor over what Darkroom wrote", async () => {
    const { url } = await store.ticket("twice/0");
    expect(await put(url)).toBe(201);
    expect(await put(url, "other")).toBe(403);
    expect(await textOf("twice/0")).toBe("pixels");
    await store.write(
      "twice/1",
      (async function* () {
        yield Buffer.from("ours");
      })(),
    );
    expect(await put((await store.ticket("twice/1")).url, "other")).toBe(403);
    expect(await textOf("twice/1")).toBe("ours");
  });

  it("reads, lists, describes, changes and deletes nothing", async () => {
    const { url } = await store.ticket("only/0");
    await put(url);
    const container = url.replace("/only/0?", "?");
    const status = async (at: string, method: string) =>
      (await fetch(at, { method, headers: blockBlob })).status;
    expect(await status(url, "GET")).toBe(403);
    expect(await status(url, "HEAD")).toBe(403);
    expect(await status(url, "DELETE")).toBe(403);
    expect(await status(`${url}&comp=metadata`, "PUT")).toBe(403);
    expect(await status(`${container}&restype=container&comp=list`, "GET")).toBe(403);
    expect(await textOf("only/0")).toBe("pixels");
  });

  it("creates no other blob", async () => {
    const { url } = await store.ticket("mine/0");
    for (const other of ["/uploads/mine/1?", "/uploads/mine/0/1?", "/edit-inbox/mine/0?"]) {
      expect(await put(url.replace("/uploads/mine/0?", other))).toBe(403);
    }
  });

  it("lasts fifteen minutes", async () => {
    const now = Date.now();
    const { expiresAt } = await storeAt(now).ticket("time/0");
    expect(expiresAt.getTime()).toBe(Math.floor((now + 15 * minute) / 1000) * 1000);
    expect(await put((await storeAt(Date.now() - 16 * minute).ticket("time/1")).url)).toBe(403);
    expect(await put((await storeAt(Date.now() - 14 * minute).ticket("time/2")).url)).toBe(201);
  });

  it("takes a large file in one request, as the client for JavaScript sends it by itself", async () => {
    const { url } = await store.ticket("large/0");
    await new BlockBlobClient(url).uploadData(Buffer.alloc(50 * 1024 * 1024, "x"));
    expect(await store.find({ container: "uploads", blob: "large/0" })).toMatchObject({
      bytes: 50 * 1024 * 1024,
    });
  });

  it("takes nothing in blocks, as in Azure: who may put blocks may put them over others", async () => {
    const { url } = await store.ticket("blocks/0");
    const inBlocks = { blockSize: 1024, maxSingleShotSize: 1024 };
    await expect(new BlockBlobClient(url).uploadData(Buffer.alloc(4096), inBlocks)).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthorizationPermissionMismatch",
    });
    expect(await store.find({ container: "uploads", blob: "blocks/0" })).toBeUndefined();
  });
});

describe("a ticket by an identity", () => {
  const byIdentity = useAzuriteByIdentity();
  const storeWith = (ttlHours: number, clock: { now: () => Date }) => {
    const service = byIdentity.service();
    return { service, ...linkMakers(service, ttlHours, clock) };
  };
  const upload = { method: "PUT", headers: blockBlob, body: "pixels" };

  it("creates its blob once and does nothing else, over https only", async () => {
    const { service, makeTicket } = storeWith(24, { now: () => new Date() });
    const { url } = await blobUploadStore(service, makeTicket).ticket("delegated/0");
    const query = new URL(url).searchParams;
    expect([query.get("spr"), query.get("sp"), query.get("sr")]).toEqual(["https", "c", "b"]);
    expect(query.get("skoid")).toBeTruthy();
    expect(await statusOf(url, upload)).toBe(201);
    expect(await statusOf(url, upload)).toBe(403);
    expect(await statusOf(url)).toBe(403);
    expect(await statusOf(url.replace("delegated/0", "delegated/1"), upload)).toBe(403);
  });

  it("is refused after its time", async () => {
    const { service, makeTicket } = storeWith(24, { now: () => new Date(Date.now() - 16 * minute) });
    const { url } = await blobUploadStore(service, makeTicket).ticket("delegated/2");
    expect(await statusOf(url, upload)).toBe(403);
  });

  it("is signed by the key that signs links, and lasts its time even where links are brief", async () => {
    let now = Date.now();
    const { service, makeLink, makeTicket } = storeWith(1 / 3600, { now: () => new Date(now) });
    const container = service.getContainerClient("uploads");
    const keyOf = (url: string) => new URL(url).searchParams.get("ske");
    const link = await makeLink(container, "shared/0");
    // A key signs for a minute.
    now += minute / 2;
    const ticket = await makeTicket(container, "shared/0");
    expect(keyOf(ticket.url)).toBe(keyOf(link.url));
    expect(ticket.expiresAt.getTime()).toBeGreaterThan(now + 14 * minute);
  });
});
