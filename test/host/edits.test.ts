import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { LiveDarkroom } from "../support/darkroom.ts";
import {
  acceptEdit,
  aMask,
  aPicture,
  differences,
  download,
  killHost,
  postEdit,
  put,
  refusedEdit,
  runEdit,
  sentFiles,
  sha256,
  side,
  square,
  storageOf,
  tickets,
} from "../support/edits.ts";

const darkroom = new LiveDarkroom();
const served = new Map<string, Buffer>();
const pictures = createServer(({ url = "" }, response) => {
  const bytes = served.get(url);
  response.writeHead(bytes ? 200 : 404, { "content-type": "image/png" }).end(bytes);
});
let origin: string;
let mask: Buffer;

beforeAll(async () => {
  await new Promise<void>((resolve) => pictures.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
  await darkroom.start({ settings: { URL_ALLOWLIST: origin }, settingsMatterToSome: true });
  mask = await aMask();
});
afterAll(async () => {
  await darkroom.stop();
  pictures.close().closeAllConnections();
});

const asked = (prompt: string, more: Record<string, string> = {}) => ({ prompt, size: square, ...more });
const sent = (prompt: string) => sentFiles(darkroom, prompt);

describe("an edit as a form", () => {
  it("of one picture sends it as it came, and keeps what came of it", async () => {
    const picture = await aPicture(1);
    const job = await runEdit(darkroom, { images: [picture], fields: asked("one"), imagePart: "image" });
    expect(job).toMatchObject({
      kind: "edit",
      status: "succeeded",
      model: "gpt-image-1",
      failures: [],
      images: [{ index: 0, width: side, height: side, content_type: "image/png" }],
    });
    expect(job.request["images"]).toMatchObject([
      { sha256: sha256(picture), width: side, bytes: picture.length },
    ]);
    expect(await sent("one")).toEqual({ images: [sha256(picture)], masks: [] });
    const result = await download(job.images[0]?.url);
    expect(sha256(result)).toBe(job.images[0]?.sha256);
    expect((await differences(picture, result)).outside).toBeGreaterThan(0);
  });

  it("of three pictures keeps their order", async () => {
    const images = await Promise.all([3, 2, 1].map((hue) => aPicture(hue)));
    const job = await runEdit(darkroom, { images, fields: asked("three") });
    expect(job).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
    expect((await sent("three")).images).toEqual(images.map(sha256));
  });

  it("of WebP, GIF, TIFF and AVIF, with a mask as WebP, sends PNG of the same pictures in their order", async () => {
    const photos = await Promise.all([61, 62, 63, 64].map(async (hue) => sharp(await aPicture(hue))));
    const kinds = ["webp", "gif", "tiff", "avif"] as const;
    const images = await Promise.all(
      photos.map((photo, at) => photo.toFormat(kinds[at] ?? "webp", { effort: 1 }).toBuffer()),
    );
    const job = await runEdit(darkroom, {
      images,
      mask: await sharp(mask).webp({ lossless: true }).toBuffer(),
      fields: asked("of all kinds"),
    });
    expect(job).toMatchObject({ status: "succeeded", images: [{ width: side, height: side }] });
    const png = { content_type: "image/png", width: side, height: side };
    expect(job.request).toMatchObject({ images: [png, png, png, png], mask: png });
    const { images: hashes, masks } = await sent("of all kinds");
    expect([new Set(hashes).size, masks.length]).toEqual([4, 1]);
  });

  it("with a mask changes the picture where the mask is clear, and nowhere else", async () => {
    const picture = await aPicture(4);
    const job = await runEdit(darkroom, { images: [picture], mask, fields: asked("masked") });
    expect(await sent("masked")).toEqual({ images: [sha256(picture)], masks: [sha256(mask)] });
    const { inside, outside } = await differences(picture, await download(job.images[0]?.url));
    expect(outside).toBe(0);
    expect(inside).toBeGreaterThan(10_000);
  });

  it("with a mask turned over changes the rest alone", async () => {
    const picture = await aPicture(5);
    const fields = asked("turned", { mask_invert: "true" });
    const job = await runEdit(darkroom, { images: [picture], mask, fields });
    const { inside, outside } = await differences(picture, await download(job.images[0]?.url));
    expect(inside).toBe(0);
    expect(outside).toBeGreaterThan(10_000);
  });

  it("of a mask of another size is refused, or stretched where that is asked for", async () => {
    const large = await aPicture(6, { width: 2 * side, height: 2 * side });
    const strict = { images: [large], mask, fields: asked("stretched") };
    expect(await refusedEdit(darkroom, strict)).toMatchObject({
      status: 400,
      param: "mask",
      message: expect.stringContaining("2048x2048") as string,
    });
    const fields = asked("stretched", { mask_mode: "resize" });
    const job = await runEdit(darkroom, { ...strict, fields });
    expect(job.request["mask"]).toMatchObject({ width: 2 * side, height: 2 * side });
    const original = await sharp(large).resize(side, side, { kernel: "cubic" }).png().toBuffer();
    const { inside, outside } = await differences(original, await download(job.images[0]?.url));
    expect([outside, inside > 10_000]).toEqual([0, true]);
  });

  it("of n=3 makes three pictures in one call, of its text fields as they were meant", async () => {
    const fields = asked("thrice", {
      n: "3",
      quality: "low",
      output_format: "jpeg",
      output_compression: "70",
    });
    const job = await runEdit(darkroom, { images: [await aPicture(7)], fields });
    expect(job.images.map(({ index, content_type: type }) => [index, type])).toEqual([
      [0, "image/jpeg"],
      [1, "image/jpeg"],
      [2, "image/jpeg"],
    ]);
    expect(job.request).toMatchObject({ n: 3, quality: "low", output_compression: 70 });
    expect(await darkroom.calls("thrice")).toHaveLength(1);
  });

  it("whose caller prefers to wait answers with its end", async () => {
    const form = { images: [await aPicture(8)], fields: asked("waited for") };
    const reply = await postEdit(darkroom, form, { prefer: "wait=60" });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
  });

  it("is drawn at last after the service was busy", async () => {
    const form = { images: [await aPicture(9)], mask, fields: asked("busy [[429=1 times=1]]") };
    expect(await runEdit(darkroom, form)).toMatchObject({ status: "succeeded" });
    const calls = await darkroom.calls("busy");
    expect(calls.map(({ status }) => status)).toEqual([429, 200]);
    const [first, second] = calls.map(({ parts }) => parts?.map((part) => part.sha256));
    expect(second).toEqual(first);
  });

  it("that is refused fails with the reason, and is not asked for again", async () => {
    const form = { images: [await aPicture(10)], fields: asked("unseemly [[refuse]]") };
    const job = await runEdit(darkroom, form);
    expect(job).toMatchObject({ status: "failed", images: [], error: { code: "contentFilter" } });
    expect(await darkroom.calls("unseemly")).toHaveLength(1);
  });

  it.each(["dall-e-3", "dall-e-2"])("of %s is refused by the model's name", async (model) => {
    const form = { images: [await aPicture(11)], fields: { prompt: "impossible", model } };
    expect(await refusedEdit(darkroom, form)).toMatchObject({
      status: 400,
      param: "model",
      allowed: ["gpt-image-1", "gpt-image-2"],
      message: expect.stringContaining(`${model} can't edit`) as string,
    });
  });

  it("of a sideways phone photo arrives upright, without place or person", async () => {
    const exif = { IFD0: { Make: "Phone" }, IFD3: { GPSLatitude: "51/1 30/1 0/1", GPSLatitudeRef: "N" } };
    const photo = await sharp(await aPicture(12, { width: 1200, height: 900 }))
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .withExifMerge(exif)
      .jpeg()
      .toBuffer();
    const before = await sharp(photo).metadata();
    expect([before.orientation, before.exif?.includes("Phone")]).toEqual([6, true]);

    const job = await runEdit(darkroom, { images: [photo], fields: asked("sideways") });
    expect(job.request["images"]).toMatchObject([{ width: 900, height: 1200, content_type: "image/jpeg" }]);
    const kept = await storageOf(darkroom).blob("uploads", `${job.id}/image-0-clean`).downloadToBuffer();
    expect((await sent("sideways")).images).toEqual([sha256(kept)]);
    const after = await sharp(kept).metadata();
    expect([after.width, after.height, after.orientation, after.exif]).toEqual([
      900,
      1200,
      undefined,
      undefined,
    ]);
  });
});

describe("an edit as JSON", () => {
  it("takes pictures by upload, by address and by base64, in order, and a mask by any", async () => {
    darkroom.needOwnSettings();
    const [uploaded, addressed, inline] = [await aPicture(21), await aPicture(22), await aPicture(23)];
    const { uploads } = await tickets(darkroom, {});
    expect(await put(uploads[0], uploaded)).toBe(201);
    served.set("/a.png", addressed);
    served.set("/mask.png", mask);
    const job = await runEdit(darkroom, {
      prompt: "all ways",
      size: square,
      images: [
        { upload_id: uploads[0]?.upload_id },
        { url: `${origin}/a.png` },
        { b64_json: inline.toString("base64") },
      ],
      mask: { url: `${origin}/mask.png` },
    });
    expect(job).toMatchObject({ status: "succeeded" });
    expect(await sent("all ways")).toEqual({
      images: [uploaded, addressed, inline].map(sha256),
      masks: [sha256(mask)],
    });
  });

  it.each([
    ["an address that may not be reached", { url: "https://127.0.0.1:1/a.png" }, "images.0.url"],
    ["an address with nothing there", () => ({ url: `${origin}/absent` }), "images.0.url"],
    ["base64 that isn't", { b64_json: "no!" }, "images.0.b64_json"],
    ["base64 of something else", { b64_json: Buffer.from("<html>").toString("base64") }, "images.0.b64_json"],
    ["an upload that never was", { upload_id: `upload_${"0".repeat(32)}` }, "images.0.upload_id"],
    ["two at once", { b64_json: "AAAA", url: "https://a.example/" }, "images.0"],
  ])("with %s is a 4xx that names it, and leaves nothing behind", async (_, source, param) => {
    const before = await storageOf(darkroom).names("uploads");
    const images = [
      { b64_json: (await aPicture(24)).toString("base64") },
      typeof source === "function" ? source() : source,
    ];
    const error = await refusedEdit(darkroom, { prompt: "nowhere", images: images.toReversed() });
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.status).toBeLessThan(500);
    expect(error.param).toBe(param);
    expect(await storageOf(darkroom).names("uploads")).toEqual(before);
    expect(await darkroom.calls("nowhere")).toEqual([]);
  });
});

describe("an edit of what a job has made", () => {
  it("goes on from its image and its mask by job and index, as JSON and as a form", async () => {
    const drawn = await runEdit(darkroom, { images: [await aPicture(31)], fields: asked("drawn") });
    const background = { background: "transparent", output_format: "png", size: square };
    const cut = await darkroom.run({ model: "gpt-image-1", prompt: "cut out", ...background });
    const image = { job_id: drawn.id, index: 0 };
    const masked = { job_id: cut.id };
    const files = { images: [drawn.images[0]?.sha256], masks: [cut.images[0]?.sha256] };

    const body = { prompt: "once more", size: square, images: [image], mask: masked };
    expect(await runEdit(darkroom, body)).toMatchObject({ kind: "edit", status: "succeeded" });
    expect(await sent("once more")).toEqual(files);

    const form = new FormData();
    for (const [name, text] of Object.entries(asked("as a form"))) form.append(name, text);
    form.append("image", JSON.stringify(image));
    form.append("mask", JSON.stringify(masked));
    const reply = await darkroom.fetch("/api/images/edits", { method: "POST", body: form });
    expect(reply.status).toBe(202);
    const { id } = (await reply.json()) as Job;
    expect(await darkroom.ended(id)).toMatchObject({ kind: "edit", status: "succeeded" });
    expect(await sent("as a form")).toEqual(files);
  });
});

describe("an edit under way when the host is killed", () => {
  const ends = async ({ id }: Job, prompt: string, picture: Buffer) => {
    expect(await darkroom.ended(id)).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
    expect(await sent(prompt)).toEqual({ images: [sha256(picture)], masks: [sha256(mask)] });
  };

  it("as soon as it was accepted is made all the same", async () => {
    const picture = await aPicture(31);
    const job = await acceptEdit(darkroom, { images: [picture], mask, fields: asked("killed early") });
    await killHost(darkroom);
    await ends(job, "killed early", picture);
  });

  it("in the middle of its call is asked for again with the same files, and says so", async () => {
    const picture = await aPicture(32);
    const prompt = "killed midway [[latency=3000]]";
    const job = await acceptEdit(darkroom, { images: [picture], mask, fields: asked(prompt) });
    await expect.poll(() => darkroom.calls("killed midway"), { timeout: 30_000 }).toHaveLength(1);
    await killHost(darkroom);
    await ends(job, "killed midway", picture);
    expect(await darkroom.calls("killed midway")).toHaveLength(2);
    expect((await darkroom.job(job.id)).repeated_calls).toBe(1);
  });
});
