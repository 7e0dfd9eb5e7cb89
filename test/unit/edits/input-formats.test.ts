import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { gatherInputsWith } from "../../../src/activities/gather-inputs.ts";
import { sharpImageProcessor } from "../../../src/adapters/storage/image-processor.ts";
import type { AwaitedInput } from "../../../src/ports/records.ts";
import { anApp, type App, caller, keep } from "../../support/app.ts";
import { aDialect } from "../../support/dialect.ts";
import { alphaOf, aMask, gifOf, small } from "../../support/edit-pictures.ts";
import { aForm, asJson, onlyJob, refusalOf, uploaded } from "../../support/edit-requests.ts";
import { send } from "../../support/http.ts";

/** Each of another colour, so that their order shows in what is sent. */
const colours = ["#e01010", "#10a010", "#1010d0", "#a0a010", "#10a0a0"] as const;
const draw = (at: number) => sharp({ create: { ...small, channels: 3, background: colours[at] ?? "" } });
const pictures = await Promise.all([
  draw(0).webp({ lossless: true }).toBuffer(),
  draw(1).gif().toBuffer(),
  draw(2).tiff({ compression: "lzw" }).toBuffer(),
  draw(3).avif({ lossless: true }).toBuffer(),
  // An animation, of which the first picture counts.
  sharp(await Promise.all([draw(4).png().toBuffer(), draw(0).png().toBuffer()]), { join: { animated: true } })
    .webp({ lossless: true })
    .toBuffer(),
]);
const pngMask = await aMask();
const webpMask = await sharp(pngMask).webp({ lossless: true }).toBuffer();
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const prompt = "a hat";
const linkOf = (at: number) => `https://pictures.example/${at}`;
const askDialect = async (path: string, endpoints: ReturnType<typeof aDialect>["endpoints"]) => {
  const endpoint = endpoints.find(({ route }) => `/${route}` === path);
  if (!endpoint) throw new Error("There is no such endpoint.");
  const form = await aForm({ prompt, "image[]": pictures, mask: webpMask });
  return send(endpoint, { ...form, path, headers: { "x-caller": caller, ...form.headers } });
};

/** What an app that decodes holds once the inputs have come by this road. */
const roads: Record<string, () => Promise<App>> = {
  "a form": async () => {
    const app = decoding(anApp());
    await app.ask("editsPost", await aForm({ prompt, image: pictures, mask: webpMask }));
    return app;
  },
  "base64 in JSON": async () => {
    const app = decoding(anApp());
    const images = pictures.map((bytes) => ({ b64_json: b64(bytes) }));
    await app.ask("editsPost", asJson({ prompt, images, mask: { b64_json: b64(webpMask) } }));
    return app;
  },
  links: async () => {
    const app = decoding(anApp());
    for (const [at, bytes] of [...pictures, webpMask].entries()) app.fetcher.pictures.set(linkOf(at), bytes);
    const images = pictures.map((_, at) => ({ url: linkOf(at) }));
    await app.ask("editsPost", asJson({ prompt, images, mask: { url: linkOf(pictures.length) } }));
    return app;
  },
  "uploads by ticket": async () => {
    const app = decoding(anApp());
    const images = pictures.map((bytes) => uploaded(app, bytes));
    await app.ask("editsPost", asJson({ prompt, images, mask: uploaded(app, webpMask) }));
    return app;
  },
  "uploads by ticket that start their edit": () => awaited("uploads"),
  "the inbox": () => awaited("edit-inbox"),
  "OpenAI's dialect": async () => {
    const { app, endpoints } = aDialect();
    decoding(app);
    await askDialect("/v1/images/edits", endpoints);
    return app;
  },
  "Azure's dialect": async () => {
    const { app, endpoints } = aDialect();
    decoding(app);
    await askDialect("/openai/v1/images/edits", endpoints);
    return app;
  },
  "the connector": async () => {
    const app = decoding(anApp());
    const images = pictures.map((bytes, at) => ({ name: `${at}.png`, contentBytes: b64(bytes) }));
    const body = { prompt, images, maskContentBytes: b64(webpMask) };
    await app.ask("editImage", asJson(body, "/api/connector/images/edits"));
    return app;
  },
};

/** With the image processor that really decodes. */
function decoding(app: App): App {
  Object.assign(app.imageProcessor, sharpImageProcessor);
  return app;
}

async function awaited(container: AwaitedInput["container"]): Promise<App> {
  const app = decoding(anApp());
  const images = pictures.map((bytes, at) => {
    app.uploads.drop(`${container}/upl_${at}`, bytes);
    return { param: `uploads.${at}`, container, blob: `upl_${at}` };
  });
  app.uploads.drop(`${container}/upl_mask`, webpMask);
  const mask = { param: `uploads.${pictures.length}`, container, blob: "upl_mask" };
  const awaits = { images, mask, until: "2026-03-04T05:16:07.000Z" };
  const job = await keep(app, { kind: "edit", model: "gpt-image-1", deployment: "image", awaits });
  expect(await gatherInputsWith(app)({ jobId: job.id, isLast: true })).toEqual({ kind: "ready" });
  return app;
}

describe("WebP, GIF, TIFF, AVIF and an animated WebP, and a mask as WebP,", () => {
  it.each(Object.keys(roads))("that come by %s are sent as PNG, in their order", async (road) => {
    const app = await roads[road]?.();
    if (!app) throw new Error("There is no such road.");
    const { images = [], mask } = onlyJob(app).inputs ?? {};
    const bytesOf = (blob = "") => app.uploads.blobs.get(`uploads/${blob}`)?.bytes ?? Buffer.alloc(0);
    expect(images).toMatchObject(pictures.map(() => ({ contentType: "image/png", ...small })));
    for (const [at, { blob }] of images.entries()) {
      const sent = await sharp(bytesOf(blob)).removeAlpha().raw().toBuffer();
      const meant = await draw(at).raw().toBuffer();
      // AVIF's colours go by way of others, and come back rounded.
      expect(sent.every((value, byte) => Math.abs(value - (meant[byte] ?? NaN)) <= 3)).toBe(true);
    }
    expect(mask).toMatchObject({ contentType: "image/png", ...small });
    expect(await alphaOf(bytesOf(mask?.blob))).toEqual(await alphaOf(pngMask));
  });
});

describe("a WebP", () => {
  it("goes as it came to a model that takes it, unless it is an animation", async () => {
    const app = decoding(anApp({ offered: [{ name: "image", model: "gpt-image-1", kind: "openai" }] }));
    await app.ask("editsPost", await aForm({ prompt, image: [pictures[0], pictures[4]] }));
    const types = [{ contentType: "image/webp" }, { contentType: "image/png" }];
    expect(onlyJob(app).inputs?.images).toMatchObject(types);
  });
});

describe("a file that can't be made into PNG", () => {
  const refused = async (bytes: Uint8Array) => {
    const app = decoding(anApp());
    const refusal = refusalOf(app, await app.ask("editsPost", await aForm({ prompt, image: bytes })));
    expect(refusal.spent).toEqual([]);
    return refusal;
  };

  it.each(pictures.slice(1).map((bytes) => [bytes]))("because it is cut short is refused", async (bytes) => {
    expect(await refused(bytes.subarray(0, bytes.length - 4))).toMatchObject({
      status: 400,
      message: "image is damaged: its pixels can't be decoded.",
    });
  });

  it("because it claims too many pixels is refused by their number before it is decoded", async () => {
    expect(await refused(gifOf(pictures[1], 9_000))).toMatchObject({
      status: 413,
      message: expect.stringContaining("81,000,000 in all") as string,
    });
  });

  it("is removed, also where it came by ticket", async () => {
    const app = decoding(anApp());
    const upload = uploaded(app, Buffer.from("GIF89a, and no more of it"));
    await app.ask("editsPost", asJson({ prompt, images: [upload] }));
    expect(app.uploads.uploads).toEqual([]);
  });
});
