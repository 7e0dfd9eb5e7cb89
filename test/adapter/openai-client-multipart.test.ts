import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { toStreamingFile } from "openai/uploads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arriving, bytesOf, contentOf, limits, sha256 } from "../support/multipart.ts";

/** What clients really send for an edit, captured at the socket, and what is read from it. */

interface Captured {
  type: string;
  length: string | undefined;
  body: Buffer;
}

let server: Server;
let folder: string;
let captured: Captured | undefined;
let url = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-multipart-"));
  server = createServer((request, response) => {
    void bytesOf(request).then((body) => {
      const { "content-type": type = "", "content-length": length } = request.headers;
      captured = { type, length, body };
      const isStream = body.includes(`name="stream"\r\n\r\ntrue`);
      response.setHeader("content-type", isStream ? "text/event-stream" : "application/json");
      response.end(isStream ? "data: [DONE]\n\n" : `{"created":1,"data":[]}`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Bytes that look like a form's own lines now and then, and like nothing else otherwise. */
function picture(seed: string, size: number): Buffer {
  const bytes = createHash("shake256", { outputLength: size }).update(seed).digest();
  bytes.write("\r\n--\r\n------", 100);
  bytes.write("\r\n--openai-", size - 11);
  return bytes;
}
const [one, two, hole] = [picture("one", 2_000), picture("two", 7_001), picture("hole", 300)];

const client = () => new OpenAI({ apiKey: "sk-test", baseURL: url, maxRetries: 0 });
const prompt = "a cat «on» a mat 🐈";

type Edit = Omit<OpenAI.ImageEditParamsNonStreaming, "model" | "prompt">;
async function editBy(fields: Edit): Promise<Captured> {
  await client().images.edit({ model: "gpt-image-1", prompt, ...fields });
  return takeCaptured();
}

function takeCaptured(): Captured {
  if (captured === undefined) throw new Error("nothing was sent");
  const taken = captured;
  captured = undefined;
  return taken;
}

/** The header lines of each part, as sent; made-up boundaries aside. */
function partHeaders({ type, body }: Captured): string[] {
  const mark = /boundary=(.+)/.exec(type)?.[1] ?? "";
  return body
    .toString("latin1")
    .split(`--${mark}`)
    .slice(1, -1)
    .map((each) => (each.split("\r\n\r\n")[0] ?? "").trim().replaceAll("\r\n", " | "));
}

/** Reads what was captured at once, and in pieces of 1 byte, 7 and 4 KB: the same each time. */
async function read(sent: Captured) {
  const most = { ...limits, images: 16 };
  const readIn = (chunk: number) =>
    contentOf(arriving(sent.body, { type: sent.type, chunk }).request, most, sha256);
  const whole = await readIn(65_536);
  for (const chunk of [1, 7, 4_096]) expect(await readIn(chunk)).toEqual(whole);
  return whole;
}

const model = "gpt-image-1";
const plain = { prompt, model };
const disposition = (name: string, fileName: string, type: string) =>
  `Content-Disposition: form-data; name="${name}"; filename="${fileName}" | Content-Type: ${type}`;

describe("the openai client's form", () => {
  it("of one image, a Buffer with a name and type, is read byte for byte", async () => {
    const sent = await editBy({ image: await toFile(one, "cat.png", { type: "image/png" }) });
    expect(partHeaders(sent)).toContain(disposition("image", "cat.png", "image/png"));
    expect(await read(sent)).toEqual({ fields: plain, images: [`image image 0 ${sha256(one)}`] });
  });

  it("of one image without a type says application/octet-stream", async () => {
    const sent = await editBy({ image: await toFile(one, "cat") });
    expect(partHeaders(sent)).toContain(disposition("image", "cat", "application/octet-stream"));
    expect(await read(sent)).toEqual({ fields: plain, images: [`image image 0 ${sha256(one)}`] });
  });

  it("of several images calls them image[], in order", async () => {
    const image = [await toFile(one, "1.png"), await toFile(two, "2.png"), new File([one], "3.png")];
    const sent = await editBy({ image });
    expect(partHeaders(sent).filter((each) => each.includes(`"image[]"`))).toHaveLength(3);
    expect((await read(sent)).images).toEqual(
      [one, two, one].map((bytes, i) => `image[] image ${i} ${sha256(bytes)}`),
    );
  });

  it("of an image in a list of one calls it image[]", async () => {
    const { images } = await read(await editBy({ image: [await toFile(one, "1.png")] }));
    expect(images).toEqual([`image[] image 0 ${sha256(one)}`]);
  });

  it("of image and mask gives each its role, an empty one included", async () => {
    const image = await toFile(two, "cat.png");
    const masked = await read(await editBy({ image, mask: await toFile(hole, "mask.png") }));
    expect(masked).toMatchObject({
      images: [`image image 0 ${sha256(two)}`],
      mask: `mask mask 0 ${sha256(hole)}`,
    });
    const empty = await read(await editBy({ image, mask: await toFile(Buffer.alloc(0), "mask.png") }));
    expect(empty.mask).toBe(`mask mask 0 ${sha256("")}`);
  });

  it("has numbers and switches as text", async () => {
    const settings = {
      n: 2,
      output_compression: 80,
      size: "1024x1024",
      quality: "low",
      user: "u-1",
    } as const;
    const sent = await editBy({ image: new File([one], "cat.png", { type: "image/png" }), ...settings });
    expect((await read(sent)).fields).toEqual({ ...plain, ...settings, n: "2", output_compression: "80" });
  });

  it("has stream as text when streaming", async () => {
    const image = await toFile(one, "cat.png");
    const stream = await client().images.edit({ model, prompt, image, stream: true, partial_images: 1 });
    const events: unknown[] = [];
    for await (const event of stream) events.push(event);
    expect(events).toEqual([]);
    const { fields, images } = await read(takeCaptured());
    expect(fields).toEqual({ ...plain, stream: "true", partial_images: "1" });
    expect(images).toEqual([`image image 0 ${sha256(one)}`]);
  });

  it.each([
    ["a file read from disk", true],
    ["a streaming file of its own", false],
  ])("of %s has no length, a boundary of the client's and the same parts", async (_what, isFile) => {
    const path = join(folder, "cat.png");
    await writeFile(path, two);
    const stream = createReadStream(path);
    const sent = await editBy({
      image: isFile ? stream : toStreamingFile(stream, "cat.png", { type: "image/png" }),
    });
    const type = isFile ? "application/octet-stream" : "image/png";
    expect([sent.length, sent.type]).toEqual([undefined, expect.stringMatching(/; boundary=openai-\w+$/)]);
    expect(partHeaders(sent)).toContain(disposition("image", "cat.png", type));
    expect(await read(sent)).toEqual({ fields: plain, images: [`image image 0 ${sha256(two)}`] });
  });

  it("escapes what would break a file name's quotes", async () => {
    const sent = await editBy({ image: new File([one], `a"; name="mask\r\n.png`) });
    expect(partHeaders(sent)).toContain(
      disposition("image", "a%22; name=%22mask%0D%0A.png", "application/octet-stream"),
    );
    expect(await read(sent)).toEqual({ fields: plain, images: [`image image 0 ${sha256(one)}`] });
  });
});

describe("another client's form", () => {
  it("by fetch, of blobs without a name, says blob", async () => {
    const body = new FormData();
    body.append("prompt", prompt);
    body.append("image", new Blob([one]));
    body.append("image", new Blob([two], { type: "image/png" }));
    body.append("mask", new Blob([hole]));
    await fetch(url, { method: "POST", body });
    const sent = takeCaptured();
    expect(partHeaders(sent)).toContain(disposition("image", "blob", "application/octet-stream"));
    expect(await read(sent)).toEqual({
      fields: { prompt },
      images: [one, two].map((bytes, i) => `image image ${i} ${sha256(bytes)}`),
      mask: `mask mask 0 ${sha256(hole)}`,
    });
  });

  it("by curl -F is read", async () => {
    const mark = "------------------------d74496d66958873e";
    const lines = (...each: string[]) => Buffer.from(each.join("\r\n"));
    const body = Buffer.concat([
      lines(`--${mark}`, `Content-Disposition: form-data; name="prompt"`, "", prompt, `--${mark}`),
      lines(
        "",
        `Content-Disposition: form-data; name="image[]"; filename="cat.png"`,
        "Content-Type: image/png",
        "",
        "",
      ),
      one,
      lines("", `--${mark}--`, ""),
    ]);
    await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": `multipart/form-data; boundary=${mark}` },
    });
    expect(await read(takeCaptured())).toEqual({
      fields: { prompt },
      images: [`image[] image 0 ${sha256(one)}`],
    });
  });
});
