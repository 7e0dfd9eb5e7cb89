import ExifReader from "exifreader";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { storageOf } from "../support/edits.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";

const darkroom = useSharedDarkroom();
let address: string;
beforeAll(async () => {
  const job = await darkroom.run({
    model: "gpt-image-1",
    prompt: "A picture in many sizes",
    size: "1024x1536",
  });
  address = job.images[0]?.content_url ?? "";
});

const ask = (query: string, init?: RequestInit) => darkroom.fetch(`${address}?${query}`, init);
const bytesOf = async (reply: Response) => Buffer.from(await reply.arrayBuffer());

describe("a picture's rendition", () => {
  it("has the width and format asked for, keeps its shape, and is never larger than the picture", async () => {
    const small = await sharp(await bytesOf(await ask("width=390&format=webp"))).metadata();
    expect([small.width, small.height, small.format]).toEqual([390, 585, "webp"]);
    const square = await sharp(await bytesOf(await ask("width=256&fit=cover&format=jpeg"))).metadata();
    expect([square.width, square.height, square.format]).toEqual([256, 256, "jpeg"]);
    const large = await sharp(await bytesOf(await ask("width=2048&format=png"))).metadata();
    expect([large.width, large.height, large.format]).toEqual([1024, 1536, "png"]);
  });

  it("is kept by caches: the same tag each time, 304 for the one who has it, and no body for HEAD", async () => {
    const first = await ask("width=512&format=webp");
    const etag = first.headers.get("etag") ?? "";
    expect([first.status, first.headers.get("cache-control")]).toEqual([200, "private, max-age=3600"]);
    const again = await ask("width=512&format=webp");
    expect(again.headers.get("etag")).toBe(etag);
    expect(await bytesOf(again)).toEqual(await bytesOf(first));
    const cached = await ask("width=512&format=webp", { headers: { "if-none-match": `"other", ${etag}` } });
    expect([cached.status, (await bytesOf(cached)).length]).toEqual([304, 0]);
    const head = await ask("width=512&format=webp", { method: "HEAD" });
    expect([head.status, head.headers.get("etag"), (await bytesOf(head)).length]).toEqual([200, etag, 0]);
    expect((await ask("width=640&format=webp")).headers.get("etag")).not.toBe(etag);
  });

  it("is sent in parts", async () => {
    const whole = await bytesOf(await ask("width=256"));
    const part = await ask("width=256", { headers: { range: "bytes=4-9" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 4-9/${whole.length}`]);
    expect(await bytesOf(part)).toEqual(whole.subarray(4, 10));
    expect((await ask("width=256", { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416);
    const changed = await ask("width=256", { headers: { range: "bytes=0-1", "if-range": '"other"' } });
    expect(changed.status).toBe(200);
  });

  it.each(["webp", "jpeg", "png", "avif"])(
    "says as %s that a model made it, as IPTC has it",
    async (format) => {
      const tags = await ExifReader.load(await bytesOf(await ask(`width=256&format=${format}`)), {
        async: true,
        expanded: true,
      });
      expect(tags.xmp?.["DigitalSourceType"]?.value).toBe(
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
      );
    },
  );

  it("of an unknown name or value is refused with the list, and stores nothing", async () => {
    for (const query of ["width=391", "size=390", "width=390&w=1", "format=bmp"]) {
      const reply = await ask(query);
      const { error } = (await reply.json()) as { error: { allowed: string[] } };
      expect([reply.status, error.allowed.length > 3], query).toEqual([400, true]);
    }
  });

  it("goes with its job", async () => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "Gone with its sizes" });
    const url = job.images[0]?.content_url ?? "";
    expect((await darkroom.fetch(`${url}?width=128`)).status).toBe(200);
    expect((await darkroom.fetch(`/api/jobs/${job.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await darkroom.fetch(`${url}?width=128`)).status).toBe(404);
    expect(await storageOf(darkroom).names("images", `${job.id}/`)).toEqual([]);
  });
});

it("a shared picture is open to anyone with its address, until it is revoked", async () => {
  const images = address.replace(/\/images\/.*/, "/shares");
  const headers = { "content-type": "application/json" };
  const made = await darkroom.fetch(images, { method: "POST", headers, body: "{}" });
  const { id, url } = (await made.json()) as { id: string; url: string };
  const opened = await fetch(url);
  expect([made.status, opened.status]).toEqual([201, 200]);
  expect(await bytesOf(opened)).toEqual(await bytesOf(await ask("download=1")));
  expect((await darkroom.fetch(`${images}/${id}`, { method: "DELETE" })).status).toBe(204);
  const etag = opened.headers.get("etag") ?? "";
  expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(410);
});

it("a job says where its images are, until when, and what made them", async () => {
  const job = await darkroom.run({ model: "dall-e-3", prompt: "With a date" });
  expect(job.images[0]?.content_url).toBe(`${darkroom.running.url}/api/jobs/${job.id}/images/0`);
  expect(job.digital_source_type).toBe("trainedAlgorithmicMedia");
  expect(Date.parse(job.expires_at ?? "") - Date.parse(job.finished_at ?? "")).toBe(30 * 86_400_000);
});
