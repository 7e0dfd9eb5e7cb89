import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { BlobServiceClient } from "@azure/storage-blob";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import type { ImageStore } from "../../src/ports.ts";
import { blobImageStore } from "../../src/storage/image-store.ts";
import { linkMakers } from "../../src/storage/links.ts";

/**
 * Links as they are made in Azure: no account key, a user-delegation key from Entra ID. The emulator takes any token of
 * the right form, over https only.
 */
let azurite: Azurite;
let folder: string;
let service: BlobServiceClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-tls-"));
  const pems = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  setDefaultCACertificates([...getCACertificates(), pems.cert]);
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await writeFile(cert, pems.cert);
  await writeFile(key, pems.private);
  azurite = await startAzurite(undefined, { args: ["--oauth", "basic", "--cert", cert, "--key", key] });
  const url = /BlobEndpoint=([^;]+)/.exec(azurite.connectionString)?.[1] ?? "";
  const credential = {
    getToken: () => Promise.resolve({ token: homeMadeToken(), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  service = new BlobServiceClient(url, credential);
});
afterAll(async () => {
  await azurite.stop();
  await rm(folder, { recursive: true });
});

function homeMadeToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    aud: "https://storage.azure.com",
    iss: "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
    iat: now - 60,
    nbf: now - 60,
    exp: now + 3_600,
    oid: "me",
    tid: "here",
    ver: "1.0",
  };
  return `${part({ typ: "JWT", alg: "RS256" })}.${part(claims)}.c2ln`;
}

function statusOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    }).on("error", reject);
  });
}

const storeAt = (now: number, ttlHours = 24): ImageStore => {
  const clock = { now: () => new Date(now) };
  return blobImageStore(service, linkMakers(service, ttlHours, clock).makeLink);
};
const bytes = new TextEncoder().encode("pixels");

describe("a link by an identity", () => {
  it("opens its blob without credentials, over https only, signed by a delegated key", async () => {
    const store = storeAt(Date.now());
    await store.put("delegated/0.png", bytes, { contentType: "image/png" });
    const { url } = await store.link("delegated/0.png");
    expect(await statusOf(url)).toBe(200);
    const query = new URL(url).searchParams;
    expect([query.get("spr"), query.get("sp"), query.get("sr")]).toEqual(["https", "r", "b"]);
    expect(query.get("skoid")).toBeTruthy();
  });

  it("opens nothing once it is changed or has expired", async () => {
    const store = storeAt(Date.now());
    await store.put("delegated/1.png", bytes, { contentType: "image/png" });
    const { url } = await store.link("delegated/1.png");
    const changed = url.replace(/sig=(.)/, (_, first: string) => `sig=${first === "A" ? "B" : "A"}`);
    expect(await statusOf(changed)).toBe(403);
    const stale = await storeAt(Date.now() - 3 * 3_600_000, 1).link("delegated/1.png");
    expect(await statusOf(stale.url)).toBe(403);
  });

  it("shares its key with many others, until that key would be too short for it", async () => {
    const now = { value: Date.now() };
    const store = blobImageStore(
      service,
      linkMakers(service, 24, { now: () => new Date(now.value) }).makeLink,
    );
    const keyOf = async (name: string) => new URL((await store.link(name)).url).searchParams.get("ske");
    const first = await Promise.all(Array.from({ length: 20 }, (_, index) => keyOf(`many/${index}.png`)));
    expect(new Set(first).size).toBe(1);
    now.value += 23 * 3_600_000;
    expect(await keyOf("many/20.png")).toBe(first[0]);
    now.value += 2 * 3_600_000;
    expect(await keyOf("many/21.png")).not.toBe(first[0]);
  });
});
