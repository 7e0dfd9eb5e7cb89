import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { anApp } from "../../support/app.ts";
import { arriving, contentOf, file, form, text } from "../../support/multipart.ts";

/** Bodies under a content-encoding, as JSON and as forms. */

const path = "/api/images/generations";
const good = JSON.stringify({ model: "dall-e-3", prompt: "a cat" });
const maxBytes = 512 * 1024;
const noise = (length: number) =>
  Buffer.from(Array.from({ length }, (_, at) => (at * at * 31 + (at >> 3)) & 255));

async function post(body: string | Uint8Array, encoding: string) {
  const app = anApp();
  const headers = { "content-type": "application/json", "content-encoding": encoding };
  const answer = await app.ask("generationsPost", { path, headers, body });
  return { ...answer, accepted: app.jobs.jobs.size };
}

// Half a gigabyte, packed with the least effort: with the default it takes twenty seconds of a core.
const brotliBomb = brotliCompressSync(Buffer.alloc(maxBytes * 1_000), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
});
const emptyMembers = Buffer.concat(Array<Buffer>(40_000).fill(gzipSync("")));

describe("a body", () => {
  it.each([
    ["gzip", gzipSync(good)],
    ["x-gzip", gzipSync(good)],
    ["GZIP", gzipSync(good)],
    ["gzip", Buffer.concat([gzipSync(good.slice(0, 9)), gzipSync(good.slice(9))])],
    ["deflate", deflateSync(good)],
    ["deflate", deflateRawSync(good)],
    ["br", brotliCompressSync(good)],
    ["gzip, br", brotliCompressSync(gzipSync(good))],
    ["deflate,identity,gzip", gzipSync(deflateSync(good))],
    ["identity", Buffer.from(good)],
    ["", Buffer.from(good)],
  ])("is read under content-encoding %j", async (encoding, body) => {
    expect(await post(body, encoding)).toMatchObject({ status: 202, accepted: 1 });
  });

  it.each(["zstd", "compress", "aes128gcm", "gzip, zstd", "gzip;q=1", "*", "gzip, gzip, gzip, gzip"])(
    "under content-encoding %j is refused, with what is taken",
    async (encoding) => {
      const { status, json, headers, accepted } = await post(good, encoding);
      expect([status, accepted, headers.get("accept-encoding")]).toEqual([415, 0, "gzip, deflate, br"]);
      expect(json).toMatchObject({
        error: { code: "unsupportedMedia", param: "content-encoding", allowed: ["gzip", "deflate", "br"] },
      });
    },
  );

  it("of another content type is refused without a word of encodings", async () => {
    const sent = { path, headers: { "content-type": "text/plain" }, body: good };
    const { status, headers } = await anApp().ask("generationsPost", sent);
    expect([status, headers.get("accept-encoding")]).toEqual([415, null]);
  });

  it.each([
    ["gzip", good],
    ["gzip", gzipSync(good).subarray(0, -5)],
    ["gzip", Buffer.concat([gzipSync(good).subarray(0, 12), Buffer.alloc(40, 255)])],
    ["deflate", good],
    ["br", good],
    ["br", brotliCompressSync(good).subarray(0, -3)],
    ["br", gzipSync(good)],
    ["gzip, br", brotliCompressSync(good)],
  ])("that is no valid %s is refused", async (encoding, body) => {
    const { status, json, accepted } = await post(body, encoding);
    expect([status, accepted, json]).toMatchObject([
      400,
      0,
      { error: { code: "invalidRequest", param: "body" } },
    ]);
  });

  it("of nothing is empty in any coding", async () => {
    expect((await post("", "gzip")).json).toMatchObject({ error: { message: "The body is empty." } });
    expect((await post(gzipSync(""), "gzip")).json).toMatchObject({
      error: { message: "The body is empty." },
    });
  });

  it.each([
    ["unfolds to more than it may have", "gzip", gzipSync(Buffer.alloc(maxBytes + 1, " "))],
    ["unfolds to a thousand times as much", "br", brotliBomb],
    ["unfolds twice", "br, gzip", gzipSync(brotliBomb)],
    ["unfolds to much that unfolds to nothing", "gzip, br", brotliCompressSync(emptyMembers)],
    ["is larger than it may be while it unfolds to nothing", "gzip", emptyMembers],
  ])("that %s is too large", async (_how, encoding, body) => {
    expect(await post(body, encoding)).toMatchObject({ status: 413, json: { error: { code: "tooLarge" } } });
  });

  it("that a coding makes larger than itself is measured by both", async () => {
    const body = Buffer.from(JSON.stringify({ model: "dall-e-3", prompt: "a cat", metadata: {} }));
    expect(
      await post(gzipSync(Buffer.concat([body, Buffer.alloc(maxBytes - body.length, " ")])), "gzip"),
    ).toMatchObject({ status: 202 });
  });
});

describe("a form", () => {
  const picture = noise(300_000);
  const body = form(text("prompt", "a cat"), file("image", picture));

  it.each([
    ["gzip", gzipSync(body)],
    ["deflate", deflateRawSync(body)],
    ["gzip, br", brotliCompressSync(gzipSync(body))],
  ])("is read under content-encoding %s, in chunks of any size", async (encoding, bytes) => {
    for (const chunk of [[1, 900], 65_536]) {
      const { request } = arriving(bytes, { chunk, headers: { "content-encoding": encoding } });
      const { fields, images } = await contentOf(request, undefined, (one) => String(one.equals(picture)));
      expect([fields, images]).toEqual([{ prompt: "a cat" }, ["image image 0 true"]]);
    }
  });

  it("that unfolds to more than it may have is too large, and isn't read to its end", async () => {
    const bomb = gzipSync(form(file("image", Buffer.alloc(64 * 1024 * 1024))), { level: 1 });
    const { request, source } = arriving(bomb, { chunk: 1_024, headers: { "content-encoding": "gzip" } });
    await expect(contentOf(request)).rejects.toMatchObject({ code: "tooLarge" });
    expect(source.pulled).toBeLessThan(bomb.length / 2);
  });
});
