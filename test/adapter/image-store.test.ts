import { beforeAll, describe, expect, it } from "vitest";
import type { ImageStore } from "../../src/ports.ts";
import type { StoredImage } from "../../src/records.ts";
import { blobImageStore } from "../../src/storage/image-store.ts";
import { linkMakers } from "../../src/storage/links.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
const bytes = new TextEncoder().encode("pixels");
const png = { contentType: "image/png" };
const clockAt = (ms: number) => ({ now: () => new Date(ms) });

function storeAt(now: number, ttlHours = 24): ImageStore {
  const { blobs } = azurite.clients();
  return blobImageStore(blobs, linkMakers(blobs, ttlHours, clockAt(now)).makeLink);
}

let store: ImageStore;
beforeAll(() => {
  store = storeAt(Date.now());
});

describe("a stored image", () => {
  it("is written once: what stands there stays", async () => {
    expect(await store.put("once/0.png", bytes, png)).toBe(true);
    expect(await store.put("once/0.png", new TextEncoder().encode("other"), png)).toBe(false);
    expect(Buffer.from(await store.read("once/0.png")).toString()).toBe("pixels");
  });

  it("is read in parts, too", async () => {
    await store.put("parts/0.png", bytes, png);
    const read = async (first: number, last: number) =>
      Buffer.from(await store.read("parts/0.png", { first, last })).toString();
    expect([await read(0, 0), await read(2, 4), await read(5, 5)]).toEqual(["p", "xel", "s"]);
  });

  it("that is gone is told as such, whole or in parts", async () => {
    await store.put("gone/0.png", bytes, png);
    await store.remove("gone/0.png");
    for (const part of [undefined, { first: 0, last: 1 }])
      await expect(store.read("gone/0.png", part)).rejects.toMatchObject({ code: "expired" });
  });

  it("can be told from its blob alone, revised prompt and all", async () => {
    const image: StoredImage = {
      index: 3,
      blob: "told/3.png",
      contentType: "image/png",
      width: 1792,
      height: 1024,
      bytes: 6,
      sha256: "ab".repeat(32),
      revisedPrompt: "zwei Schirme – ☂️",
    };
    const { blob, contentType, ...facts } = image;
    await store.put(blob, bytes, { contentType, image: facts });
    await store.put("told/3.256.webp", bytes, { contentType: "image/webp" });
    expect(await store.list("told")).toEqual([image]);
  });

  it("is served with its type and may be cached for good", async () => {
    await store.put("cached/0.png", bytes, png);
    const reply = await fetch((await store.link("cached/0.png")).url);
    expect(reply.headers.get("content-type")).toBe("image/png");
    expect(reply.headers.get("cache-control")).toContain("immutable");
  });
});

describe("a link", () => {
  it("lives as long as was asked for, longer or shorter than usual", async () => {
    await store.put("link/hours.png", bytes, png);
    for (const hours of [1, 168]) {
      const { url, expiresAt } = await store.link("link/hours.png", hours);
      expect(Math.abs(expiresAt.getTime() - Date.now() - hours * 3_600_000)).toBeLessThan(60_000);
      expect((await fetch(url)).status).toBe(200);
    }
  });

  it("opens its blob without credentials, until it expires", async () => {
    await store.put("link/0.png", bytes, png);
    const fresh = await store.link("link/0.png");
    expect((await fetch(fresh.url)).status).toBe(200);
    expect(fresh.expiresAt.getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    const stale = await storeAt(Date.now() - 2 * 3_600_000, 1).link("link/0.png");
    expect((await fetch(stale.url)).status).toBe(403);
  });

  it("opens nothing once one character of its signature is changed", async () => {
    await store.put("tampered/0.png", bytes, png);
    const { url } = await store.link("tampered/0.png");
    const at = url.indexOf("sig=") + 4;
    const changed = url.slice(0, at) + (url[at] === "A" ? "B" : "A") + url.slice(at + 1);
    expect((await fetch(changed)).status).toBe(403);
  });

  it("opens no other blob and writes none", async () => {
    await store.put("mine/0.png", bytes, png);
    await store.put("other/0.png", bytes, png);
    const { url } = await store.link("mine/0.png");
    expect((await fetch(url.replace("/mine/", "/other/"))).status).toBe(403);
    const put = await fetch(url, { method: "PUT", headers: { "x-ms-blob-type": "BlockBlob" }, body: "x" });
    expect(put.status).toBe(403);
  });
});
