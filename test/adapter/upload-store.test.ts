import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { UploadStore } from "../../src/ports/inputs.ts";
import { linkMakers } from "../../src/adapters/storage/links.ts";
import { blobUploadStore } from "../../src/adapters/storage/upload-store.ts";
import { narrowed, useAzurite } from "../support/storage.ts";
import { tapBlobs } from "../support/tap.ts";

const azurite = useAzurite();
const clock = { now: () => new Date() };
const mb = 1024 * 1024;

function storeOf(service: BlobServiceClient): UploadStore {
  return blobUploadStore(service, linkMakers(service, 24, clock).makeTicket);
}

let service: BlobServiceClient;
let store: UploadStore;
let uploads: ContainerClient;
let inbox: ContainerClient;
beforeAll(() => {
  service = azurite.clients().blobs;
  store = storeOf(service);
  uploads = service.getContainerClient("uploads");
  inbox = service.getContainerClient("edit-inbox");
});

/** For somebody who may look and not touch. */
const readOnly = (account: BlobServiceClient) =>
  narrowed(account, { permissions: "rl", resourceTypes: "sco" });

/** A source that says how far it was read and whether it was let go. Fails after its chunks when told to. */
function sourceOf(chunks: Iterable<Uint8Array>, failure?: Error) {
  const seen = { chunks: 0, released: false };
  async function* read() {
    try {
      for (const chunk of chunks) {
        seen.chunks += 1;
        yield chunk;
      }
      if (failure) throw failure;
    } finally {
      seen.released = true;
    }
  }
  return { seen, bytes: read() };
}

const words = (text: string) => sourceOf([Buffer.from(text)]).bytes;
const inUploads = (blob: string) => ({ container: "uploads", blob }) as const;

/** Megabytes of which no two are alike, in chunks that meet no block's border. */
function* patterned(size: number): Generator<Uint8Array> {
  for (let at = 0; at < size; at += 100_000) {
    yield Buffer.alloc(Math.min(100_000, size - at), `${at}|`);
  }
}

async function gather(bytes: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const textOf = async (blob: string) => (await gather(await store.open(inUploads(blob)))).toString();

/** A stored blob, and a store that reads it by way of a tap. */
async function tappedWith(blob: string, size: number) {
  await store.write(blob, sourceOf(patterned(size)).bytes);
  const tap = await tapBlobs(azurite.connectionString());
  return { tap, tapped: storeOf(BlobServiceClient.fromConnectionString(tap.connectionString)) };
}

describe("writing", () => {
  it.each([
    ["nothing", 0],
    ["less than a block", 300_000],
    ["a block to the byte", 4 * mb],
    ["a block and a byte", 4 * mb + 1],
    ["several blocks", 13 * mb + 7],
  ])("stores %s byte for byte", async (_, size) => {
    expect(await store.write(`whole/${size}`, sourceOf(patterned(size)).bytes)).toBe(true);
    const stored = await gather(await store.open(inUploads(`whole/${size}`)));
    expect(stored.equals(Buffer.concat([...patterned(size)]))).toBe(true);
  });

  it("puts no empty block after the last: the service refuses those", async () => {
    await store.write("whole/two-blocks", sourceOf(patterned(8 * mb)).bytes);
    const { committedBlocks } = await uploads
      .getBlockBlobClient("whole/two-blocks")
      .getBlockList("committed");
    expect(committedBlocks?.map(({ size }) => size)).toEqual([4 * mb, 4 * mb]);
  });

  it("cuts chunks that are larger than blocks", async () => {
    const bytes = Buffer.concat([...patterned(9 * mb)]);
    await store.write("whole/one-chunk", sourceOf([bytes]).bytes);
    expect((await gather(await store.open(inUploads("whole/one-chunk")))).equals(bytes)).toBe(true);
  });

  it.each([
    ["small", 10],
    ["large", 5 * mb],
  ])("gives a %s input a type that no browser shows", async (kind, size) => {
    await store.write(`type/${kind}`, sourceOf(patterned(size)).bytes);
    expect((await uploads.getBlobClient(`type/${kind}`).getProperties()).contentType).toBe(
      "application/octet-stream",
    );
  });

  it.each([
    ["small", 10],
    ["large", 20 * mb],
  ])("leaves what stands there, and lets go of a %s source", async (kind, size) => {
    await store.write(`once/${kind}`, words("first"));
    const { seen, bytes } = sourceOf(patterned(size));
    expect(await store.write(`once/${kind}`, bytes)).toBe(false);
    expect(await textOf(`once/${kind}`)).toBe("first");
    expect(seen.released).toBe(true);
    expect(seen.chunks).toBeLessThan(50);
  });

  it.each([
    ["small", 10],
    ["large", 6 * mb],
  ])("at the same time under one name, one %s input stands and is whole", async (kind, size) => {
    const contents = ["a", "b", "c", "d"].map((letter) => Buffer.alloc(size, letter));
    const written = await Promise.all(
      contents.map((bytes) => store.write(`race/${kind}`, sourceOf([bytes]).bytes)),
    );
    expect(written.filter(Boolean)).toHaveLength(1);
    const stored = await gather(await store.open(inUploads(`race/${kind}`)));
    expect(stored.equals(contents[written.indexOf(true)]!)).toBe(true);
  });

  it.each([
    ["at once", 0],
    ["within the first block", mb],
    ["after several blocks", 9 * mb],
  ])("throws what a source throws %s, and commits nothing", async (_, size) => {
    const failure = new Error("The phone went into a tunnel.");
    const { seen, bytes } = sourceOf(patterned(size), failure);
    await expect(store.write(`broken/${size}`, bytes)).rejects.toBe(failure);
    expect(await store.find(inUploads(`broken/${size}`))).toBeUndefined();
    expect(seen.released).toBe(true);
  });

  it("succeeds where an earlier attempt failed midway", async () => {
    const broken = sourceOf(patterned(9 * mb), new Error("tunnel")).bytes;
    await expect(store.write("again/0", broken)).rejects.toThrow("tunnel");
    expect(await store.write("again/0", sourceOf(patterned(5 * mb)).bytes)).toBe(true);
    expect((await store.find(inUploads("again/0")))?.bytes).toBe(5 * mb);
  });

  it("throws what the service objects to, and lets go of the source", async () => {
    const { seen, bytes } = sourceOf(patterned(9 * mb));
    await expect(storeOf(readOnly(service)).write("refused/0", bytes)).rejects.toMatchObject({
      statusCode: 403,
    });
    expect(seen.released).toBe(true);
    expect(seen.chunks).toBeLessThan(50);
  });

  it("holds a block of a large input at a time", async () => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const held = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    const before = held();
    let most = before;
    async function* generated() {
      for (let sent = 0; sent < 64 * mb; sent += chunk.byteLength) {
        most = Math.max(most, held());
        yield chunk;
      }
    }
    expect(await store.write("memory/0", generated())).toBe(true);
    expect((most - before) / mb).toBeLessThan(24);
  });
});

describe("finding", () => {
  it("tells size, time, version and metadata, names in lower case", async () => {
    await store.find({ container: "edit-inbox", blob: "first-look" });
    await inbox
      .getBlockBlobClient("photo.png")
      .upload("pixels", 6, { metadata: { Prompt: "A%20Hat", nEgative: "X" } });
    const found = await store.find({ container: "edit-inbox", blob: "photo.png" });
    const { etag, lastModified } = await inbox.getBlobClient("photo.png").getProperties();
    expect(found).toEqual({
      etag: etag?.replaceAll('"', ""),
      modifiedAt: lastModified,
      bytes: 6,
      metadata: { prompt: "A%20Hat", negative: "X" },
    });
  });

  it("finds a version by its ETag, quoted or not, and no other version", async () => {
    await store.write("version/0", words("one"));
    const { etag = "" } = (await store.find(inUploads("version/0"))) ?? {};
    for (const way of [etag, `"${etag}"`]) {
      expect(await store.find({ ...inUploads("version/0"), etag: way })).toMatchObject({ bytes: 3, etag });
      expect((await gather(await store.open({ ...inUploads("version/0"), etag: way }))).toString()).toBe(
        "one",
      );
    }
    await uploads.getBlockBlobClient("version/0").upload("two", 3);
    for (const way of [etag, `"${etag}"`]) {
      expect(await store.find({ ...inUploads("version/0"), etag: way })).toBeUndefined();
      expect(await store.open({ ...inUploads("version/0"), etag: way })).toBeUndefined();
    }
  });

  it("quotes an ETag whenever it asks for a version, as HTTP wants it", async () => {
    const { tapped, tap } = await tappedWith("quoted/0", 10);
    const { etag = "" } = (await store.find(inUploads("quoted/0"))) ?? {};
    await gather(await tapped.open({ ...inUploads("quoted/0"), etag }));
    const asked = tap.requests.map((head) => /^if-match: (.*)\r$/im.exec(head)?.[1]);
    expect(asked.filter((value) => value !== undefined)).toEqual([`"${etag}"`, `"${etag}"`]);
  });

  it("finds nothing where nothing is, in either container", async () => {
    for (const container of ["uploads", "edit-inbox"] as const) {
      expect(await store.find({ container, blob: "nobody" })).toBeUndefined();
      expect(await store.open({ container, blob: "nobody" })).toBeUndefined();
    }
  });

  it("throws when the service can't be asked", async () => {
    const key = Buffer.alloc(64).toString("base64");
    const stranger = BlobServiceClient.fromConnectionString(
      azurite.connectionString().replace(/AccountKey=[^;]+/, `AccountKey=${key}`),
    );
    await expect(storeOf(stranger).find(inUploads("version/0"))).rejects.toMatchObject({ statusCode: 403 });
  });
});

describe("reading", () => {
  it("brings only the part that is wanted, and lets go of the connection", async () => {
    const { tapped, tap } = await tappedWith("early/0", 16 * mb);
    for await (const chunk of (await tapped.open(inUploads("early/0")))!) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await vi.waitFor(() => expect(tap.open().filter((bytes) => bytes > 10_000)).toEqual([]));
    expect(tap.answered()).toBeLessThan(8 * mb);
  });

  it("downloads nothing until the first byte is wanted", async () => {
    const { tapped, tap } = await tappedWith("lazy/0", 10);
    const opened = await tapped.open(inUploads("lazy/0"));
    expect(tap.requests.filter((line) => line.startsWith("GET"))).toEqual([]);
    expect((await gather(opened)).byteLength).toBe(10);
  });

  it("throws when the connection breaks midway", async () => {
    const { tapped, tap } = await tappedWith("cut/0", 8 * mb);
    const opened = await tapped.open(inUploads("cut/0"));
    tap.cutAfter(mb);
    await expect(gather(opened)).rejects.toMatchObject({
      code: "internal",
      detail: "the connection broke while an upload was read",
    });
  });

  it.each([
    ["overwritten", () => uploads.getBlockBlobClient("moving/overwritten").upload("two", 3)],
    ["removed", () => store.remove("moving/removed")],
  ])("throws a conflict when the blob was %s since it was opened", async (what, change) => {
    await store.write(`moving/${what}`, words("one"));
    const opened = await store.open(inUploads(`moving/${what}`));
    await change();
    await expect(gather(opened)).rejects.toMatchObject({
      code: "conflict",
      detail: "was overwritten while it was read.",
    });
  });

  it("never yields parts of two versions", async () => {
    const blob = uploads.getBlockBlobClient("mixed/0");
    await blob.upload(Buffer.alloc(16 * mb, "a"), 16 * mb);
    const kinds = new Set<number>();
    try {
      for await (const chunk of (await store.open(inUploads("mixed/0")))!) {
        if (kinds.size === 0) await blob.upload(Buffer.alloc(16 * mb, "b"), 16 * mb);
        for (let at = 0; at < chunk.byteLength; at += 1_000) kinds.add(chunk[at]!);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    expect([...kinds]).toEqual(["a".charCodeAt(0)]);
  });
});

describe("removing", () => {
  it("removes a blob, and doesn't mind when it is gone", async () => {
    await store.write("gone/0", words("x"));
    await store.remove("gone/0");
    await store.remove("gone/0");
    expect(await store.find(inUploads("gone/0"))).toBeUndefined();
  });

  it("removes a blob of which its uploader made a snapshot", async () => {
    await store.write("gone/1", words("x"));
    await uploads.getBlobClient("gone/1").createSnapshot();
    await store.remove("gone/1");
    expect(await store.find(inUploads("gone/1"))).toBeUndefined();
  });

  it("removes all whose name begins so, over many pages, and no others", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `job_1/${index}`);
    await Promise.all(["job_12/0", "job_/1", ...names].map((name) => store.write(name, words("x"))));
    await store.removeAll("job_1/");
    await store.removeAll("job_1/");
    const left: string[] = [];
    for await (const { name } of uploads.listBlobsFlat({ prefix: "job_" })) left.push(name);
    expect(left.sort()).toEqual(["job_/1", "job_12/0"]);
  });
});

describe("containers", () => {
  const fresh = useAzurite();

  it("that an identity may not make are looked into as they are", async () => {
    const { blobs } = fresh.clients();
    const reader = storeOf(readOnly(blobs));
    for (const container of ["uploads", "edit-inbox"] as const) {
      expect(await reader.find({ container, blob: "nobody" })).toBeUndefined();
      expect(await reader.open({ container, blob: "nobody" })).toBeUndefined();
    }
    await storeOf(blobs).write("made/0", words("x"));
    expect(await reader.find(inUploads("made/0"))).toMatchObject({ bytes: 1 });
  });

  it("are made when first needed, whatever comes first", async () => {
    const { blobs } = fresh.clients();
    const [taken, watched] = ["uploads", "edit-inbox"].map((name) => blobs.getContainerClient(name));
    for (const use of [
      (first: UploadStore) => first.write("a", words("x")),
      (first: UploadStore) => first.ticket("b"),
      (first: UploadStore) => first.removeAll("c"),
      (first: UploadStore) => first.find(inUploads("d")),
    ]) {
      await taken!.deleteIfExists();
      await storeOf(blobs).remove("nothing");
      await use(storeOf(blobs));
      expect(await taken!.exists()).toBe(true);
    }
    await storeOf(blobs).find({ container: "edit-inbox", blob: "e" });
    expect(await watched!.exists()).toBe(true);
  });
});
