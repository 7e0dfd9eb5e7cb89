import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { ImageStore } from "../../src/ports/images.ts";
import type { StoredImage } from "../../src/ports/records.ts";
import { blobImageStore } from "../../src/adapters/storage/image-store.ts";
import { linkMakers } from "../../src/adapters/storage/links.ts";
import { storageClients } from "../../src/adapters/storage/storage-clients.ts";
import { LoopbackServer } from "../support/loopback-server.ts";
import { useAzurite } from "../support/storage.ts";
import { tapBlobs } from "../support/tap.ts";
import { cipher } from "../support/cipher.ts";

const azurite = useAzurite();
const bytes = new TextEncoder().encode("pixels");
const noIdentity = () => {
  throw new Error("No identity is needed for the emulator.");
};
const png = { contentType: "image/png" };
const clockAt = (ms: number) => ({ now: () => new Date(ms) });

function storeAt(now: number, ttlHours = 24): ImageStore {
  const { blobs } = azurite.clients();
  return blobImageStore(blobs, linkMakers(blobs, ttlHours, clockAt(now)).makeLink, cipher);
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

  it("is read whole in one request, however large it is", async () => {
    const large = Buffer.alloc(9 * 2 ** 20, "pixels");
    await store.put("whole/0.png", large, png);
    const tap = await tapBlobs(azurite.connectionString());
    const { blobs } = storageClients(tap, noIdentity);
    const { makeLink } = linkMakers(blobs, 24, clockAt(Date.now()));
    const read = await blobImageStore(blobs, makeLink, cipher).read("whole/0.png");
    expect([large.equals(read), tap.requests.length]).toEqual([true, 1]);
  });

  it("that is gone is told as such, whole or in parts", async () => {
    await store.put("gone/0.png", bytes, png);
    await store.remove("gone/0.png");
    for (const part of [undefined, { first: 0, last: 1 }])
      await expect(store.read("gone/0.png", part)).rejects.toMatchObject({ code: "expired" });
  });

  it("shows the one who has its link nothing of its revised prompt", async () => {
    const revisedPrompt = "SECRET umbrella";
    const image = { index: 0, width: 1, height: 1, bytes: 6, sha256: "ab", revisedPrompt };
    await store.put("sealed/0.png", bytes, { contentType: "image/png", image });
    const { url } = await store.link("sealed/0.png");
    const { headers, status } = await fetch(url, { method: "HEAD" });
    expect(status).toBe(200);
    const shown = JSON.stringify([...headers]);
    expect(shown).toContain("x-ms-meta-slot");
    expect(decodeURIComponent(shown)).not.toMatch(/SECRET|umbrella/);
    expect((await store.list("sealed")).map((stored) => stored.revisedPrompt)).toEqual([revisedPrompt]);
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

describe("storage that says what isn't so", () => {
  it("is not believed that an image stands which doesn't", async () => {
    const { blobs } = storageClients({ connectionString: await lying(412) }, noIdentity);
    const confused = blobImageStore(blobs, linkMakers(blobs, 24, clockAt(Date.now())).makeLink, cipher);
    await expect(confused.put("lie/0.png", bytes, png)).rejects.toMatchObject({ statusCode: 412 });
    await store.put("lie/1.png", bytes, png);
    expect(await confused.put("lie/1.png", bytes, png)).toBe(false);
  });

  it("is seen by a check, which a put that went well spares for a while", async () => {
    const tap = await tapBlobs(azurite.connectionString());
    const { blobs } = storageClients(tap, noIdentity);
    const watched = blobImageStore(blobs, linkMakers(blobs, 24, clockAt(Date.now())).makeLink, cipher);
    await watched.check();
    const asked = tap.requests.length;
    await watched.check();
    expect(tap.requests).toHaveLength(asked);
    const { blobs: refused } = storageClients({ connectionString: await lying(403, "GET") }, noIdentity);
    const shut = blobImageStore(refused, linkMakers(refused, 24, clockAt(Date.now())).makeLink, cipher);
    await expect(shut.check()).rejects.toMatchObject({ statusCode: 403 });
  });
});

/** A way to the emulator on which every request of one method is answered with one status; containers are made all the same. */
class Liar extends LoopbackServer {
  readonly #status: number;
  readonly #method: string;

  constructor(status: number, method: string) {
    super();
    this.#status = status;
    this.#method = method;
  }

  protected receive(
    { url = "", method = "", headers }: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ) {
    const makesContainer = url.includes("restype=container") && method === "PUT";
    if (method === this.#method && !makesContainer) {
      response.writeHead(this.#status).end();
      return;
    }
    const endpoint = new URL(/BlobEndpoint=([^;]+)/.exec(azurite.connectionString())?.[1] ?? "");
    const onward = request({ port: endpoint.port, path: url, method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    onward.end(body);
  }
}

async function lying(status: number, method = "PUT"): Promise<string> {
  const liar = new Liar(status, method);
  await liar.listen();
  onTestFinished(() => liar.close());
  const connectionString = azurite.connectionString();
  const endpoint = /BlobEndpoint=(http:\/\/[^/]+)/.exec(connectionString)?.[1] ?? "";
  return connectionString.replace(`BlobEndpoint=${endpoint}`, `BlobEndpoint=${liar.origin}`);
}

describe("a link", () => {
  it("lives as long as was asked for, longer or shorter than usual", async () => {
    await store.put("link/hours.png", bytes, png);
    for (const hours of [1, 168]) {
      const { url, expiresAt } = await store.link("link/hours.png", hours);
      const extra = expiresAt.getTime() - Date.now() - hours * 3_600_000;
      expect(extra).toBeGreaterThan(-60_000);
      expect(extra).toBeLessThanOrEqual(3_600_000);
      expect((await fetch(url)).status).toBe(200);
    }
  });

  it("is the same for all who ask within an hour, so that a cache has the picture already", async () => {
    const at = async (time: string) => (await storeAt(Date.parse(time)).link("link/same.png")).url;
    const first = await at("2026-03-04T05:00:00.000Z");
    expect(await at("2026-03-04T05:59:59.999Z")).toBe(first);
    expect(await at("2026-03-04T06:00:00.000Z")).not.toBe(first);
  });

  it("leads to another address than the account's where one is configured, and holds there", async () => {
    await store.put("link/public.png", bytes, png);
    const { blobs } = azurite.clients();
    const { makeLink } = linkMakers(blobs, 24, clockAt(Date.now()), "https://pictures.example");
    const { url } = await blobImageStore(blobs, makeLink, cipher).link("link/public.png");
    expect(new URL(url).origin).toBe("https://pictures.example");
    const here = url.replace("https://pictures.example", new URL(blobs.url).origin);
    expect((await fetch(here)).status).toBe(200);
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
