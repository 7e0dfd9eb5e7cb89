import { deflateSync } from "node:zlib";
import sharp, { type Sharp, type WebpOptions } from "sharp";
import { describe, expect, it } from "vitest";
import type { Dimensions } from "../../../../src/domain/image-size.ts";
import type { ImageKind } from "../../../../src/domain/image-format/media-type.ts";
import { sharpImageProcessor as imageProcessor } from "../../../../src/adapters/storage/image-processor.ts";
import { gifOf } from "../../../support/edit-pictures.ts";
import {
  ihdr,
  joined,
  jpegSegment,
  pngChunk,
  pngSignature,
  riffChunk,
  vp8x,
  webpOf,
  withChunks,
  withSegments,
} from "../../../support/image-parts.ts";

type Rgba = readonly [number, number, number, number];

/** A picture from the colour of each of its pixels. */
function paint({ width, height }: Dimensions, colourAt: (x: number, y: number) => Rgba) {
  const pixels = Array.from({ length: width * height }, (_, at) =>
    colourAt(at % width, Math.floor(at / width)),
  );
  return sharp(Uint8Array.from(pixels.flat()), { raw: { width, height, channels: 4 } });
}

async function pixelsOf(bytes: Uint8Array): Promise<number[]> {
  return [...(await sharp(bytes).ensureAlpha().raw().toBuffer())];
}

async function normalized(bytes: Uint8Array, kind: ImageKind) {
  const normalize = await imageProcessor.normalize(bytes, kind);
  if (!normalize) throw new Error("It could not be decoded.");
  return { ...normalize, metadata: await sharp(normalize.bytes).metadata() };
}

const farthest = (some: number[], others: number[]) =>
  Math.max(...some.map((value, at) => Math.abs(value - (others[at] ?? NaN))));

const orange: Rgba = [204, 85, 17, 255];
const small = { width: 24, height: 16 };
const plain = () => paint(small, () => orange).removeAlpha();
const noise = (side: number) =>
  paint({ width: side, height: side }, (x, y) => [(x * 89) ^ (y * 57), x * y, x, 255]);
const kinds: readonly ImageKind[] = ["png", "jpeg", "webp"];
/** Without a loss, or nearly. */
const encode: Record<ImageKind, (picture: Sharp) => Promise<Buffer>> = {
  png: (picture) => picture.png().toBuffer(),
  jpeg: (picture) => picture.jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(),
  webp: (picture) => picture.webp({ lossless: true }).toBuffer(),
};

describe("a cleaned picture", () => {
  const upright = { width: 48, height: 32 };
  const [right, bottom] = [upright.width - 1, upright.height - 1];
  // EXIF 2.3, 4.6.4: where the stored picture's first row and column lie; here which pixel is stored at (x, y).
  const storedFrom: Record<number, (x: number, y: number) => readonly [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [right - x, y],
    3: (x, y) => [right - x, bottom - y],
    4: (x, y) => [x, bottom - y],
    5: (x, y) => [y, x],
    6: (x, y) => [right - y, x],
    7: (x, y) => [right - y, bottom - x],
    8: (x, y) => [y, bottom - x],
  };
  const quarters = (x: number, y: number): Rgba => [
    x < 16 ? 220 : 30,
    y < 16 ? 200 : 40,
    x < 32 ? 60 : 180,
    255,
  ];

  it.each(kinds.flatMap((kind) => Object.keys(storedFrom).map((value) => [kind, Number(value)] as const)))(
    "of kind %s and orientation %i stands upright",
    async (kind, orientation) => {
      const stored = orientation < 5 ? upright : { width: upright.height, height: upright.width };
      const turned = paint(stored, (x, y) => quarters(...(storedFrom[orientation]?.(x, y) ?? [0, 0])));
      const file = await encode[kind](turned.removeAlpha().withMetadata({ orientation }));
      const { bytes, width, height, metadata } = await normalized(file, kind);
      expect({ width, height }).toEqual(upright);
      expect(metadata).toMatchObject({ format: kind, ...upright });
      expect(metadata).not.toHaveProperty("orientation");
      const reference = await pixelsOf(await paint(upright, quarters).png().toBuffer());
      expect(farthest(await pixelsOf(bytes), reference)).toBeLessThanOrEqual(kind === "jpeg" ? 6 : 0);
    },
  );

  it.each(kinds)("of kind %s tells nothing of place or person", async (kind) => {
    const tagged = plain()
      .withExif({ IFD0: { Artist: "canary" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 12/1" } })
      .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'>canary</x:xmpmeta>");
    const file = await encode[kind](tagged);
    expect((await sharp(file).metadata()).exif).toBeInstanceOf(Buffer);
    const { bytes, metadata } = await normalized(file, kind);
    expect(metadata).not.toHaveProperty("exif");
    expect(metadata).not.toHaveProperty("xmp");
    expect(Buffer.from(bytes).toString("latin1")).not.toMatch(/canary|exif|xmp|GPS/i);
  });

  it.each([
    ["a comment", "jpeg", (file: Uint8Array) => withSegments(file, jpegSegment(0xfe, "canary"))],
    ["IPTC", "jpeg", (file: Uint8Array) => withSegments(file, jpegSegment(0xed, "Photoshop 3.0\0canary"))],
    ["an unknown segment", "jpeg", (file: Uint8Array) => withSegments(file, jpegSegment(0xef, "canary"))],
    ["a second file behind its end", "jpeg", (file: Uint8Array) => joined(file, "PK\x03\x04canary")],
    ["text", "png", (file: Uint8Array) => withChunks(file, pngChunk("tEXt", "Comment\0canary"))],
    ["an unknown chunk", "png", (file: Uint8Array) => withChunks(file, pngChunk("caNy", "canary"))],
    ["a second file behind its end", "png", (file: Uint8Array) => joined(file, "PK\x03\x04canary")],
    ["an unknown chunk", "webp", (file: Uint8Array) => joined(file, riffChunk("CNRY", "canary"))],
  ] as const)("holds nothing of %s of a %s", async (_what, kind, change) => {
    const { bytes } = await normalized(change(await encode[kind](plain())), kind);
    expect(Buffer.from(bytes).toString("latin1")).not.toMatch(/canary|PK/);
  });

  it("of CMYK has the colours it had, in RGB", async () => {
    const cmyk = await plain().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
    const { bytes, metadata } = await normalized(cmyk, "jpeg");
    expect(metadata).toMatchObject({ space: "srgb", channels: 3 });
    expect(farthest((await pixelsOf(bytes)).slice(0, 4), [...orange])).toBeLessThan(40);
  });

  it("of a wide colour profile has its colours in sRGB and no profile", async () => {
    const wide = await encode.png(plain().withIccProfile("p3"));
    const untagged = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    expect(farthest([...untagged.subarray(0, 3)], [...orange.slice(0, 3)])).toBeGreaterThan(5);
    const { bytes, metadata } = await normalized(wide, "png");
    expect(metadata).toMatchObject({ space: "srgb", hasProfile: false });
    expect(farthest((await pixelsOf(bytes)).slice(0, 4), [...orange])).toBeLessThanOrEqual(2);
  });

  it("of grey is RGB", async () => {
    const grey = await plain().toColourspace("b-w").png().toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    expect((await normalized(grey, "png")).metadata).toMatchObject({ space: "srgb", channels: 3 });
  });

  it("of 16 bits has 8, and its alpha", async () => {
    const clear = paint(small, (x) => [204, 85, 17, x * 10]);
    const deep = await clear.toColourspace("rgb16").png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe("ushort");
    const { bytes, metadata } = await normalized(deep, "png");
    expect(metadata.depth).toBe("uchar");
    expect(await pixelsOf(bytes)).toEqual(await pixelsOf(await clear.png().toBuffer()));
  });

  it("of a palette has its pixels in full, with their alpha", async () => {
    const palette = await paint(small, (x) => [204, 85, 17, x < 12 ? 0 : 128])
      .png({ palette: true })
      .toBuffer();
    const { bytes, metadata } = await normalized(palette, "png");
    expect(metadata).toMatchObject({ isPalette: false, channels: 4 });
    const alphas = (await pixelsOf(bytes)).filter((_, at) => at % 4 === 3);
    expect(new Set(alphas)).toEqual(new Set([0, 128]));
  });

  it.each(["png", "webp"] as const)("of kind %s keeps the colours of clear pixels", async (kind) => {
    const clear = paint(small, () => [204, 85, 17, 0]);
    const file = await (
      kind === "png" ? clear.png() : clear.webp({ lossless: true, exact: true })
    ).toBuffer();
    expect(await pixelsOf((await normalized(file, kind)).bytes)).toEqual(await pixelsOf(file));
  });

  it("of JPEG keeps its colours at full resolution", async () => {
    expect((await normalized(await encode.jpeg(plain()), "jpeg")).metadata.chromaSubsampling).toBe("4:4:4");
  });

  it.each([
    ["lossless", { lossless: true }, "VP8L"],
    ["lossless, with a profile,", { lossless: true, profile: "p3" }, "VP8L"],
    ["lossy", { quality: 90 }, "VP8 "],
    ["lossy, with a profile,", { quality: 90, profile: "p3" }, "VP8 "],
  ])(
    "of %s WebP stays so",
    async (_how, { profile, ...options }: WebpOptions & { profile?: string }, chunk) => {
      const picture = profile === undefined ? plain() : plain().withIccProfile(profile);
      const { bytes } = await normalized(await picture.webp(options).toBuffer(), "webp");
      expect(Buffer.from(bytes).toString("latin1", 12, 16)).toBe(chunk);
    },
  );

  it("of lossless WebP stays so behind chunks of odd length", async () => {
    const image = (await encode.webp(plain())).subarray(12);
    const file = webpOf([vp8x(small), riffChunk("CNRY", "odd"), image]);
    const { bytes } = await normalized(file, "webp");
    expect(Buffer.from(bytes).toString("latin1", 12, 16)).toBe("VP8L");
  });

  it("of JPEG is written while it is read: by the standard codes, not by its own", async () => {
    const { bytes } = await normalized(await encode.jpeg(plain()), "jpeg");
    // ITU T.81, table K.3.
    const lengths = Buffer.from([0xff, 0xc4, 0, 31, 0, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect(Buffer.from(bytes).includes(lengths)).toBe(true);
  });

  it("may have stray bytes between its parts, as some phones write them", async () => {
    const file = await encode.jpeg(plain());
    const stray = joined(file.subarray(0, 2), "\0\0\0", file.subarray(2));
    await expect(sharp(stray).raw().toBuffer()).rejects.toThrow("extraneous bytes");
    expect(await imageProcessor.normalize(stray, "jpeg")).toMatchObject(small);
  });
});

const black = ({ width, height }: Dimensions) => {
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height), { level: 1 });
  const header = ihdr({ width, height, bitDepth: 1, colourType: 0 });
  return joined(pngSignature, header, pngChunk("IDAT", rows), pngChunk("IEND"));
};

describe("a file of another kind", () => {
  const frame = (green: number) =>
    sharp({ create: { ...small, channels: 3, background: { r: 0, g: green, b: 0 } } })
      .png()
      .toBuffer();

  it("becomes PNG: of an animation its first picture", async () => {
    const animation = await sharp([await frame(200), await frame(40)], { join: { animated: true } })
      .gif()
      .toBuffer();
    expect(await imageProcessor.measure(animation)).toEqual({ kind: "gif", ...small, isRaw: false });
    const { bytes, width, height } = await normalized(animation, "png");
    expect([width, height, ...(await pixelsOf(bytes)).slice(0, 4)]).toEqual([24, 16, 0, 200, 0, 255]);
  });

  it("stands upright as PNG", async () => {
    const onItsSide = plain().withMetadata({ orientation: 6 });
    for (const bytes of await Promise.all([onItsSide.clone().tiff().toBuffer(), onItsSide.avif().toBuffer()]))
      expect(await normalized(bytes, "png")).toMatchObject({ width: 16, height: 24 });
  });

  it("is told by what the decoder finds, and a drawing isn't among what it may find", async () => {
    expect(await imageProcessor.measure(await plain().avif().toBuffer())).toMatchObject({ kind: "avif" });
    expect(await imageProcessor.measure(await plain().tiff().toBuffer())).toMatchObject({ kind: "tiff" });
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>`;
    expect(await imageProcessor.measure(Buffer.from(drawing))).toBeUndefined();
  });

  it("is measured without being decoded, however large it says it is", async () => {
    const gif = gifOf(await plain().gif().toBuffer(), 65_535);
    expect(await imageProcessor.measure(gif)).toMatchObject({ width: 65_535, height: 65_535 });
    expect(await imageProcessor.normalize(gif, "png")).toBeUndefined();
  });

  it("is known for a camera's raw photo by the directory below its preview", async () => {
    expect(await imageProcessor.measure(tiffOf())).toMatchObject({ kind: "tiff", isRaw: false });
    expect(await imageProcessor.measure(tiffOf([330, 8]))).toMatchObject({ kind: "tiff", isRaw: true });
  });
});

/** A grey TIFF of one pixel (TIFF 6.0, section 2) with further fields of one number each. */
function tiffOf(...more: (readonly [tag: number, value: number])[]): Uint8Array {
  const fields = [
    [256, 1],
    [257, 1],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 4],
    [277, 1],
    [278, 1],
    [279, 1],
    ...more,
  ];
  const bytes = Buffer.alloc(14 + 12 * fields.length);
  bytes.write("II*\0", "latin1");
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(fields.length, 8);
  for (const [at, [tag = 0, value = 0]] of fields.entries()) {
    bytes.writeUInt16LE(tag, 10 + 12 * at);
    // LONG, one of it.
    bytes.writeUInt16LE(4, 12 + 12 * at);
    bytes.writeUInt32LE(1, 14 + 12 * at);
    bytes.writeUInt32LE(value, 18 + 12 * at);
  }
  return bytes;
}

describe("a picture that can't be decoded", () => {
  it.each(kinds)("of kind %s, for its last rows are missing, has no answer", async (kind) => {
    const file = await encode[kind](noise(100));
    expect(await imageProcessor.normalize(file, kind)).toMatchObject({ width: 100, height: 100 });
    expect(await imageProcessor.normalize(file.subarray(0, file.length * 0.97), kind)).toBeUndefined();
  });

  it.each([
    ["no bytes", new Uint8Array()],
    ["text", Buffer.from("This is no picture.")],
    ["a signature alone", pngSignature],
  ])("of %s has no answer", async (_what, bytes) => {
    expect(await imageProcessor.normalize(bytes, "png")).toBeUndefined();
    expect(await imageProcessor.alphaRange(bytes)).toBeUndefined();
    expect(await imageProcessor.resizeMask(bytes, { size: small, invert: true })).toBeUndefined();
  });

  // Both are whole: were they decoded, there would be an answer.
  const overTheCap = black({ width: 8_193, height: 8_192 });

  it("is one of more pixels than inspection admits, whole or not", async () => {
    expect(await imageProcessor.normalize(overTheCap, "png")).toBeUndefined();
    expect(await imageProcessor.alphaRange(overTheCap)).toBeUndefined();
    expect(await imageProcessor.resizeMask(overTheCap, { size: small, invert: false })).toBeUndefined();
  });

  it("isn't one of just as many", async () => {
    const atTheCap = black({ width: 8_192, height: 8_192 });
    expect(await imageProcessor.alphaRange(atTheCap)).toEqual({ lowest: 255, highest: 255 });
  });
});

describe("all work", () => {
  async function maxAtOnce(work: () => Promise<unknown>): Promise<number> {
    let most = 0;
    const count = () => {
      const { queue, process } = sharp.counters();
      most = Math.max(most, queue + process);
    };
    sharp.queue.on("change", count);
    await work();
    sharp.queue.off("change", count);
    return most;
  }

  it.each([
    ["small pictures two at a time", 200, 2],
    ["large pictures one at a time", 2_049, 1],
  ])("is done on %s", async (_, side, atOnce) => {
    const picture = await sharp({ create: { width: side, height: side, channels: 4, background: "red" } })
      .png()
      .toBuffer();
    const work = () =>
      Promise.all([
        imageProcessor.normalize(picture, "png"),
        imageProcessor.normalize(picture, "png"),
        imageProcessor.alphaRange(picture),
        imageProcessor.resizeMask(picture, { size: small, invert: true }),
        imageProcessor.alphaRange(picture),
      ]);
    // The library counts for the whole process, and another thread's tests only ever add to it.
    const counts: number[] = [];
    while (counts.length < 20 && !counts.includes(atOnce)) counts.push(await maxAtOnce(work));
    expect(Math.min(...counts)).toBe(atOnce);
  });

  it("on a small picture doesn't wait for a large one", async () => {
    const done: string[] = [];
    const largest = imageProcessor.resizeMask(black({ width: 8_192, height: 8_192 }), {
      size: small,
      invert: true,
    });
    await Promise.all([
      largest.then(() => done.push("large")),
      imageProcessor.alphaRange(mask).then(() => done.push("small")),
      imageProcessor.resizeMask(mask, { size: small, invert: true }).then(() => done.push("small")),
    ]);
    expect(done).toEqual(["small", "small", "large"]);
  });

  it("goes on behind a failure", async () => {
    const file = await encode.png(plain());
    const answers = await Promise.all([
      imageProcessor.normalize(Buffer.from("no"), "png"),
      imageProcessor.normalize(file, "png"),
    ]);
    expect(answers).toMatchObject([undefined, small]);
  });
});

describe("the alpha range of a mask", () => {
  it.each([
    ["no alpha", () => plain().png(), 255, 255],
    ["opaque pixels", () => paint(small, () => orange).png(), 255, 255],
    ["clear pixels", () => paint(small, () => [9, 9, 9, 0]).png(), 0, 0],
    ["both", () => paint(small, (x) => [9, 9, 9, x < 5 ? 0 : 255]).png(), 0, 255],
    ["shades", () => paint(small, (x) => [9, 9, 9, 100 + x]).png(), 100, 123],
    [
      "grey with alpha",
      () =>
        paint(small, (x) => [9, 9, 9, 7 * x])
          .toColourspace("b-w")
          .png(),
      0,
      161,
    ],
    ["a palette", () => paint(small, (x) => [9, 9, 9, x < 5 ? 0 : 255]).png({ palette: true }), 0, 255],
    ["a palette all clear", () => paint(small, () => [9, 9, 9, 0]).png({ palette: true }), 0, 0],
    [
      "16 bits",
      () =>
        paint(small, (x) => [9, 9, 9, 5 + x])
          .toColourspace("rgb16")
          .png(),
      5,
      28,
    ],
  ])("of %s is read from its pixels", async (_what, draw, lowest, highest) => {
    expect(await imageProcessor.alphaRange(await draw().toBuffer())).toEqual({ lowest, highest });
  });
});

const disc = (x: number, y: number): Rgba => [x * 9, y * 13, 77, (x - 12) ** 2 + (y - 8) ** 2 < 40 ? 0 : 255];
const mask = await paint(small, disc).png().toBuffer();
async function resized(bytes: Uint8Array, size: Dimensions, invert = false): Promise<Uint8Array> {
  const fitted = await imageProcessor.resizeMask(bytes, { size, invert });
  if (!fitted) throw new Error("It could not be decoded.");
  return fitted;
}

describe("a refitted mask", () => {
  it.each([
    { width: 72, height: 48 },
    { width: 8, height: 16 },
    { width: 37, height: 21 },
    { width: 5, height: 61 },
  ])("of $width x $height pixels takes each from its nearest, colour and all", async (size) => {
    const fitted = await resized(mask, size);
    expect(await sharp(fitted).metadata()).toMatchObject({ format: "png", channels: 4, ...size });
    const nearest = await paint(size, (x, y) =>
      disc(
        Math.floor(((x + 0.5) * small.width) / size.width),
        Math.floor(((y + 0.5) * small.height) / size.height),
      ),
    )
      .png()
      .toBuffer();
    expect(await pixelsOf(fitted)).toEqual(await pixelsOf(nearest));
  });

  it("has no edges softer than it had", async () => {
    const alphas = (await pixelsOf(await resized(mask, { width: 101, height: 55 }))).filter(
      (_, at) => at % 4 === 3,
    );
    expect(new Set(alphas)).toEqual(new Set([0, 255]));
  });

  it("is turned over in its alpha alone", async () => {
    const inverted = await pixelsOf(await resized(mask, small, true));
    const expected = (await pixelsOf(mask)).map((value, at) => (at % 4 === 3 ? 255 - value : value));
    expect(inverted).toEqual(expected);
  });

  it("turned over twice is what it was", async () => {
    const shades = await paint(small, (x, y) => [x, y, 3, x * 10 + y])
      .png()
      .toBuffer();
    const twice = await resized(await resized(shades, small, true), small, true);
    expect(await pixelsOf(twice)).toEqual(await pixelsOf(shades));
  });

  it.each([
    ["grey with alpha", sharp(mask).toColourspace("b-w").png()],
    ["16 bits", sharp(mask).toColourspace("rgb16").png()],
    ["a palette", sharp(mask).png({ palette: true })],
  ])("of %s is RGBA of 8 bits", async (_what, picture) => {
    const fitted = await resized(await picture.toBuffer(), small);
    expect(await sharp(fitted).metadata()).toMatchObject({ channels: 4, depth: "uchar", isPalette: false });
    const alphas = (await pixelsOf(fitted)).filter((_, at) => at % 4 === 3);
    expect(alphas).toEqual((await pixelsOf(mask)).filter((_, at) => at % 4 === 3));
  });

  it("without alpha is opaque", async () => {
    const fitted = await resized(await plain().png().toBuffer(), small);
    expect((await pixelsOf(fitted)).slice(0, 4)).toEqual(orange);
  });
});
