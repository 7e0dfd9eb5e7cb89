import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { anApp } from "../../support/app.ts";
import { alphaOf, aMask, aPhoto, aSidewaysJpeg, onItsSide, small } from "../../support/edit-pictures.ts";
import { aForm, editWith, onlyJob, refusalOf } from "../../support/edit-requests.ts";

/** Inputs as they go upstream, made ready by the image processor that really decodes them. */

const [photo, sideways, mask] = await Promise.all([aPhoto(), aSidewaysJpeg(), aMask()]);

async function edited(fields: Parameters<typeof aForm>[0]) {
  const app = anApp();
  const answer = await editWith(app, await aForm({ prompt: "a hat", ...fields }));
  if (answer.status !== 202) throw new Error(answer.text);
  const { inputs } = onlyJob(app);
  const bytesOf = (input: { blob: string } | undefined) =>
    app.uploads.blobs.get(`uploads/${input?.blob ?? ""}`)?.bytes ?? Buffer.alloc(0);
  return { inputs, mask: bytesOf(inputs?.mask), first: bytesOf(inputs?.images[0]) };
}

async function refused(fields: Parameters<typeof aForm>[0]) {
  const app = anApp();
  return refusalOf(app, await editWith(app, await aForm({ prompt: "a hat", ...fields })));
}

/** Left and right half, as the mean of their alpha. */
async function halvesOf(png: Uint8Array, width: number): Promise<number[]> {
  const alpha = await alphaOf(png);
  const mean = (keep: (x: number) => boolean) => {
    const kept = alpha.filter((_, at) => keep(at % width));
    return kept.reduce((sum, value) => sum + value, 0) / kept.length;
  };
  return [mean((x) => x < width / 2), mean((x) => x >= width / 2)];
}

const leftHalfClear = (width: number) => (x: number) => (x < width / 2 ? 0 : 255);

describe("a mask is refused", () => {
  it.each([
    ["without alpha", () => aPhoto(), {}, /^mask has no alpha channel; a mask is a PNG that is clear where/],
    [
      "of another size",
      () => aMask(undefined, onItsSide),
      {},
      /^mask is 16x24 and image is 24x16: they must be of one size, or send mask_mode "resize"\.$/,
    ],
    [
      "that is opaque all over",
      () => aMask(() => 255),
      {},
      /^mask is opaque all over: it marks nothing to edit\. Make it clear/,
    ],
    [
      "that is clear all over",
      () => aMask(() => 0),
      {},
      /^mask is clear all over: nothing of the picture would stay/,
    ],
    [
      "that is clear all over, inverted",
      () => aMask(() => 0),
      { mask_invert: "true" },
      /^mask is clear all over: it marks nothing to edit\. Make it opaque/,
    ],
    [
      "that is opaque all over, inverted",
      () => aMask(() => 255),
      { mask_invert: "true" },
      /^mask is opaque all over: nothing of the picture would stay/,
    ],
    [
      "that is opaque all over, to be stretched",
      () => aMask(() => 255, onItsSide),
      { mask_mode: "resize" },
      /opaque all over/,
    ],
    ["without alpha, to be stretched", () => aPhoto(onItsSide), { mask_mode: "resize" }, /no alpha channel/],
  ])("%s", async (_what, draw, fields, message) => {
    expect(await refused({ image: photo, mask: await draw(), ...fields })).toMatchObject({
      status: 400,
      code: "invalidRequest",
      param: "mask",
      message: expect.stringMatching(message) as string,
      spent: [],
    });
  });

  it("of another size with the size that is allowed", async () => {
    const refusal = await refused({ image: photo, mask: await aMask(undefined, onItsSide) });
    expect(refusal.allowed).toEqual(["24x16"]);
  });

  it("whose pixels are damaged", async () => {
    const pixels = mask.indexOf("IDAT") + 6;
    const damaged = Buffer.from(mask);
    damaged.fill(0xff, pixels, pixels + 8);
    expect(await refused({ image: photo, mask: damaged })).toMatchObject({
      status: 400,
      param: "mask",
      spent: [],
    });
  });
});

describe("a mask", () => {
  it("that fits is sent as it came", async () => {
    const made = await edited({ image: photo, mask });
    expect(made.inputs?.mask?.blob).toMatch(/\/mask$/);
    expect(made.mask).toEqual(mask);
  });

  it("marked by one pixel alone is one", async () => {
    const almostClear = await aMask((x, y) => (x + y === 0 ? 1 : 0));
    const almostOpaque = await aMask((x, y) => (x + y === 0 ? 254 : 255));
    await expect(edited({ image: photo, mask: almostClear })).resolves.toBeDefined();
    await expect(edited({ image: photo, mask: almostOpaque })).resolves.toBeDefined();
  });

  it("is turned over when asked: what was opaque is edited", async () => {
    const halves = await aMask(leftHalfClear(small.width));
    const made = await edited({ image: photo, mask: halves, mask_invert: "true" });
    expect(made.inputs?.mask).toMatchObject({ ...small, contentType: "image/png", bytes: made.mask.length });
    expect(made.inputs?.mask?.blob).toMatch(/\/mask-clean$/);
    expect(await halvesOf(made.mask, small.width)).toEqual([255, 0]);
  });

  it("of another size is stretched to the first image's when asked", async () => {
    const narrow = await aMask(leftHalfClear(onItsSide.width), onItsSide);
    const made = await edited({ image: [photo, await aPhoto(onItsSide)], mask: narrow, mask_mode: "resize" });
    expect(made.inputs?.mask).toMatchObject(small);
    expect(await sharp(made.mask).metadata()).toMatchObject(small);
    expect(await halvesOf(made.mask, small.width)).toEqual([0, 255]);
  });

  it("that is upright fits a first image that lies on its side", async () => {
    const upright = await aMask(leftHalfClear(onItsSide.width), onItsSide);
    const made = await edited({ image: sideways, mask: upright });
    expect([made.inputs?.images[0], made.inputs?.mask]).toMatchObject([onItsSide, onItsSide]);
    expect(made.mask).toEqual(upright);
    await expect(refused({ image: sideways, mask })).resolves.toMatchObject({
      param: "mask",
      message: expect.stringContaining("mask is 24x16 and image is 16x24") as string,
    });
  });

  it("that lies on its side is turned with its marks, not stretched", async () => {
    // Its upper half is clear as stored; shown by orientation 6, that is the right half.
    const stored = await aMask((_, y) => (y < small.height / 2 ? 0 : 255));
    const turned = await sharp(stored).withMetadata({ orientation: 6 }).png().toBuffer();
    const made = await edited({ image: await aPhoto(onItsSide), mask: turned });
    expect(made.inputs?.mask).toMatchObject(onItsSide);
    expect(await halvesOf(made.mask, onItsSide.width)).toEqual([255, 0]);
  });

  it("with words beside its pixels is made anew without them", async () => {
    const talking = await sharp(mask)
      .withExif({ IFD0: { Artist: "SOMEBODY" } })
      .png()
      .toBuffer();
    expect(talking.includes("SOMEBODY")).toBe(true);
    const made = await edited({ image: photo, mask: talking });
    expect(made.mask.includes("SOMEBODY")).toBe(false);
    expect(await alphaOf(made.mask)).toEqual(await alphaOf(mask));
  });
});

describe("a photo", () => {
  it("that is plain is sent as it came", async () => {
    const made = await edited({ image: photo });
    expect([made.inputs?.images[0]?.blob.endsWith("/image-0"), made.first]).toEqual([true, photo]);
  });

  it("with more than pixels is made anew: neither its words nor the received file are sent", async () => {
    expect(sideways.includes("SOMEBODY")).toBe(true);
    const made = await edited({ image: sideways });
    expect(made.inputs?.images[0]).toMatchObject({
      ...onItsSide,
      contentType: "image/jpeg",
      bytes: made.first.length,
      blob: expect.stringMatching(/\/image-0-clean$/) as string,
    });
    expect(made.first.includes("SOMEBODY")).toBe(false);
    expect(await sharp(made.first).metadata()).toMatchObject(onItsSide);
  });

  it("with a second file behind it is made anew without that", async () => {
    const made = await edited({ image: [photo, Buffer.concat([photo, Buffer.from("PK stowaway")])] });
    expect(made.inputs?.images.map(({ blob }) => blob.split("/")[1])).toEqual(["image-0", "image-1-clean"]);
  });

  it("with more than pixels that can't be decoded is refused by its name", async () => {
    const app = anApp();
    app.imageProcessor.decodes = false;
    const answer = await app.ask("editsPost", await aForm({ prompt: "a hat", image: [photo, sideways] }));
    expect(refusalOf(app, answer)).toMatchObject({
      status: 400,
      param: "image[1]",
      message: "image[1] is damaged: its pixels can't be decoded.",
      spent: [],
    });
  });
});

describe("a picture that can't be worked on", () => {
  it("is a mask without an alpha that can be read", async () => {
    const app = anApp();
    app.imageProcessor.alpha = undefined;
    const answer = await app.ask("editsPost", await aForm({ prompt: "a hat", image: photo, mask }));
    expect(refusalOf(app, answer)).toMatchObject({ status: 400, param: "mask", spent: [] });
  });

  it("is a mask that can't be turned over", async () => {
    const app = anApp();
    app.imageProcessor.decodes = false;
    const sent = await aForm({ prompt: "a hat", image: photo, mask, mask_invert: "true" });
    expect(refusalOf(app, await app.ask("editsPost", sent))).toMatchObject({
      status: 400,
      param: "mask",
      spent: [],
    });
  });
});
