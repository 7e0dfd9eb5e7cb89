import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/domain/app-error.ts";
import { anApp } from "../../support/app.ts";
import { aJpeg, aPhoto } from "../../support/edit-pictures.ts";
import { aForm, asJson, editWith, refusalOf, uploaded } from "../../support/edit-requests.ts";
import { ihdr, joined, pngChunk, pngSignature } from "../../support/image-parts.ts";

/** Every refusal names the part and the limit; nothing is recorded, started or left of it in `uploads`. */

const [photo, jpeg] = await Promise.all([aPhoto(), aJpeg()]);
const text = Buffer.from("<html>no picture</html>");
const wide = joined(pngSignature, ihdr({ width: 16_385 }), pngChunk("IDAT", "x"), pngChunk("IEND"));
const bomb = joined(pngSignature, ihdr({ width: 9_000, height: 9_000 }));
const cut = photo.subarray(0, 60);
const nothing: unknown[] = [];
const usual = { prompt: "a hat" };
const b64 = (bytes: Uint8Array) => ({ b64_json: Buffer.from(bytes).toString("base64") });

type Expected = [status: number, param: string, message: RegExp];

async function refusedForm(fields: Parameters<typeof aForm>[0]) {
  const app = anApp();
  return refusalOf(app, await app.ask("editsPost", await aForm({ ...usual, ...fields })));
}

async function refusedJson(fields: object, app = anApp()) {
  return refusalOf(app, await app.ask("editsPost", asJson({ ...usual, ...fields })));
}

const code = { 400: "invalidRequest", 413: "tooLarge", 415: "unsupportedMedia" } as Record<number, string>;

function expected([status, param, message]: Expected): object {
  return {
    status,
    code: code[status],
    param,
    message: expect.stringMatching(message) as string,
    spent: nothing,
  };
}

describe("a form is refused", () => {
  it.each<[string, Parameters<typeof aForm>[0], Expected]>([
    ["without an image", {}, [400, "image", /^image is required/]],
    ["with text for an image", { image: text }, [415, "image", /^image is .*HTML|^image is/]],
    ["with an empty image", { image: [photo, new Uint8Array()] }, [400, "image[1]", /^image\[1\] is empty/]],
    ["with an image that is cut short", { image: cut }, [400, "image", /^image is cut short\.$/]],
    ["with a side too long", { image: wide }, [413, "image", /^image is 16385x8 pixels; .* 16384\.$/]],
    ["with a bomb", { image: [photo, bomb] }, [413, "image[1]", /81,000,000 in all; at most 67,108,864/]],
    [
      "with a JPEG for a mask",
      { image: photo, mask: jpeg },
      [415, "mask", /^mask is a JPEG image; it must be one of: image\/png, /],
    ],
    ["with 17 images", { image: Array.from({ length: 17 }, () => photo) }, [400, "image", /at most 16/]],
    ["with an unknown field", { image: photo, style: "vivid" }, [400, "style", /not a known field/]],
    [
      "with a field of prototypes",
      { image: photo, ["__proto__"]: "x" },
      [400, "__proto__", /not a known field/],
    ],
    ["with n in words", { image: photo, n: "two" }, [400, "n", /^n must be an integer from 1 to 10\.$/]],
    ["with half an n", { image: photo, n: "1.5" }, [400, "n", /integer/]],
    ["with n too large", { image: photo, n: "11" }, [400, "n", /1 to 10/]],
    [
      "with mask_invert that is neither",
      { image: photo, mask_invert: "yes" },
      [400, "mask_invert", /true or false/],
    ],
    [
      "with mask_invert of every object",
      { image: photo, mask_invert: "toString" },
      [400, "mask_invert", /true or false/],
    ],
    [
      "with metadata that is no JSON",
      { image: photo, metadata: "order=7" },
      [400, "metadata", /^metadata is not valid JSON\.$/],
    ],
    [
      "with metadata that is no pairs",
      { image: photo, metadata: "[1]" },
      [400, "metadata", /object of strings/],
    ],
    ["with tags that are no JSON", { image: photo, tags: "[a" }, [400, "tags", /^tags is not valid JSON\.$/]],
    ["with a tag between commas", { image: photo, tags: "a,,b" }, [400, "tags.1", /^tags\.1: a tag has/]],
    ["with an empty prompt", { image: photo, prompt: "" }, [400, "prompt", /must not be empty/]],
    [
      "with another compression",
      { image: photo, output_compression: "50" },
      [400, "output_compression", /lossless/],
    ],
    [
      "with a size of no model",
      { image: photo, size: "1x1", model: "gpt-image-1" },
      [400, "size", /1024x1024/],
    ],
    [
      "with a model nobody has",
      { image: photo, model: "gpt-image-9" },
      [400, "model", /not one that is deployed/],
    ],
  ])("%s", async (_what, fields, why) => {
    expect(await refusedForm(fields)).toMatchObject(expected(why));
  });

  it("without a prompt", async () => {
    const app = anApp();
    const answer = await app.ask("editsPost", await aForm({ image: photo }));
    expect(refusalOf(app, answer)).toMatchObject(expected([400, "prompt", /^prompt is required\.$/]));
  });

  it("with every broken rule of its inputs at once", async () => {
    const app = anApp();
    const answer = await app.ask("editsPost", await aForm({ ...usual, mask: photo }));
    expect(answer.json).toMatchObject({
      error: { param: "image", details: [{ param: "image" }, { param: "mask" }] },
    });
  });
});

describe("JSON is refused", () => {
  it.each<[string, object, Expected]>([
    ["without images", {}, [400, "images", /^images is required\.$/]],
    ["with none", { images: [] }, [400, "images", /at least 1/]],
    ["with 17", { images: Array.from({ length: 17 }, () => b64(photo)) }, [400, "images", /at most 16/]],
    ["with a source of nothing", { images: [{}] }, [400, "images.0", /exactly one/]],
    [
      "with two sources in one",
      { images: [{ ...b64(photo), url: "https://x.example" }] },
      [400, "images.0", /exactly one/],
    ],
    [
      "with an unknown field in an entry",
      { images: [b64(photo), { file: "x" }] },
      [400, "images.1.file", /Known fields: upload_id, url, b64_json/],
    ],
    [
      "with a data URL of text",
      { images: [{ b64_json: `data:image/png,${photo.toString("base64")}` }] },
      [400, "images.0.b64_json", /is a data URL that isn't in base64\.$/],
    ],
    [
      "with base64 of no alphabet",
      { images: [b64(photo), { b64_json: "ab!_" }] },
      [400, "images.1.b64_json", /^images\.1\.b64_json is not valid base64\.$/],
    ],
    [
      "with base64 that is cut",
      { images: [{ b64_json: photo.toString("base64").slice(0, -3) }] },
      [400, "images.0.b64_json", /cut short|not valid base64/],
    ],
    ["with base64 of nothing", { images: [{ b64_json: "" }] }, [400, "images.0.b64_json", /is empty/]],
    ["with base64 of text", { images: [b64(text)] }, [415, "images.0.b64_json", /^images\.0\.b64_json is/]],
    [
      "with a JPEG for a mask",
      { images: [b64(photo)], mask: b64(jpeg) },
      [415, "mask.b64_json", /is a JPEG image; it must be one of: image\/png, /],
    ],
    [
      "with a bomb after a good one",
      { images: [b64(photo), b64(bomb)] },
      [413, "images.1.b64_json", /at most 67,108,864/],
    ],
    [
      "with an upload that never was",
      { images: [{ upload_id: "upl_x" }] },
      [400, "images.0.upload_id", /names no upload of yours that has arrived/],
    ],
    [
      "with a job's id for an upload",
      { images: [{ upload_id: "../job" }] },
      [400, "images.0.upload_id", /names no upload/],
    ],
    [
      "with an address that isn't fetched",
      { images: [b64(photo), { url: "https://10.0.0.1/a" }] },
      [400, "images.1.url", /^images\.1\.url leads to a private address, which isn't fetched\.$/],
    ],
  ])("%s", async (_what, fields, why) => {
    expect(await refusedJson(fields)).toMatchObject(expected(why));
  });

  it("with a picture larger than its model takes, before it is all stored", async () => {
    const app = anApp();
    const offers = app.offers.map(({ deployment, capability }) => ({
      deployment,
      capability: capability.edits
        ? { ...capability, edits: { ...capability.edits, imageBytes: 100 } }
        : capability,
    }));
    const sent = asJson({ ...usual, images: [b64(photo)] });
    const refusal = refusalOf(app, await editWith(app, sent, { offers }));
    expect(refusal).toMatchObject(expected([413, "images.0.b64_json", /is larger than 100 bytes/]));
  });

  it("with a body above 32 MB", async () => {
    const app = anApp();
    const sent = asJson(usual);
    const headers = { ...sent.headers, "content-length": String(32 * 1024 * 1024 + 1) };
    const answer = await app.ask("editsPost", { ...sent, headers });
    expect(refusalOf(app, answer)).toMatchObject({
      status: 413,
      message: expect.stringContaining("33554432") as string,
    });
  });

  it.each([
    [
      "a model that can't",
      { model: "dall-e-3" },
      "model",
      /^dall-e-3 can't edit images; models that can: gpt-image-1, gpt-image-2\.$/,
    ],
    [
      "a deployment that can't",
      { deployment: "dalle2" },
      "deployment",
      /^dall-e-2 can't edit images; models/,
    ],
  ])("by name, with those that can, for %s", async (_what, place, param, message) => {
    expect(await refusedJson({ ...place, images: [b64(photo)] })).toMatchObject({
      ...expected([400, param, message]),
      allowed: ["gpt-image-1", "gpt-image-2"],
    });
  });

  it("where no model that is deployed can edit", async () => {
    const app = anApp({ offered: [{ name: "dalle3", model: "dall-e-3", kind: "azure" }] });
    expect(await refusedJson({ images: [b64(photo)] }, app)).toMatchObject({
      ...expected([400, "model", /^dall-e-3 can't edit images; no model that is deployed here can\.$/]),
    });
  });
});

describe("a request that no model can fulfil", () => {
  it.each([{ model: "dall-e-3" }, { size: "1x1" }, { prompt: " " }, { n: 11 }])(
    "as %j costs no fetch, no store and no look",
    async (imageParams) => {
      const app = anApp();
      app.uploads.outage.of("write", "open", "find");
      const images = [{ url: "https://pictures.example/cat.jpg" }, b64(photo)];
      expect((await refusedJson({ ...imageParams, images }, app)).status).toBe(400);
      expect(app.fetcher.asked).toEqual([]);
    },
  );
});

describe("an upload by ticket", () => {
  it("of another caller is as unknown as one that never was", async () => {
    const app = anApp();
    const theirs = uploaded(app, photo, "key:other");
    const refusal = await refusedJson({ images: [theirs] }, app);
    const unknown = await refusedJson({ images: [{ upload_id: "upl_x" }] });
    expect(refusal).toEqual(unknown);
    expect(app.uploads.uploads).toEqual([theirs.upload_id]);
  });

  it("that can't be used is removed; one that can stays for the next try", async () => {
    const app = anApp();
    const [good, bad] = [uploaded(app, photo), uploaded(app, text)];
    expect(await refusedJson({ images: [good, bad] }, app)).toMatchObject({
      status: 415,
      param: "images.1.upload_id",
    });
    expect(app.uploads.uploads).toEqual([good.upload_id]);
  });

  it("stays when another part is at fault", async () => {
    const app = anApp();
    const good = uploaded(app, photo);
    await refusedJson({ images: [good, b64(text)] }, app);
    expect(app.uploads.uploads).toEqual([good.upload_id]);
  });
});

describe("what isn't the caller's fault", () => {
  it.each(["write", "open"])("stays ours, without a part's name: %s fails", async (operation) => {
    const app = anApp();
    const images = [uploaded(app, photo), b64(photo)];
    app.uploads.outage.of(operation);
    expect(await refusedJson({ images }, app)).toMatchObject({
      status: 500,
      code: "internal",
      spent: nothing,
    });
  });

  it("is a refusal's own cleaning: should it fail, the refusal is told all the same", async () => {
    const app = anApp();
    app.uploads.outage.of("removeAll");
    const answer = await app.ask("editsPost", await aForm({ ...usual, image: [photo, text] }));
    expect(answer.status).toBe(415);
    expect(answer.log.join("\n")).toMatch(/warn.*could not be removed/);
  });

  it("is an upload that goes while it is read: the conflict is named", async () => {
    const app = anApp();
    const images = [uploaded(app, photo)];
    app.uploads.beforeRead = (path) => void app.uploads.blobs.delete(path);
    expect(await refusedJson({ images }, app)).toMatchObject({ status: 409, param: "images.0.upload_id" });
  });
});

it("a fetch that breaks midway is told by its part, and leaves nothing", async () => {
  const app = anApp();
  app.fetcher.open = async () =>
    (async function* () {
      yield await Promise.resolve(photo.subarray(0, 50));
      throw new AppError("tooLarge", "is larger than 52,428,799 bytes.");
    })();
  const refusal = await refusedJson({ images: [{ url: "https://pictures.example/a" }] }, app);
  expect(refusal).toMatchObject(
    expected([413, "images.0.url", /^images\.0\.url is larger than 52,428,799 bytes\.$/]),
  );
});
