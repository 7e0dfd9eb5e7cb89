import { setImmediate } from "node:timers/promises";
import type { default as SharpLibrary, Sharp, SharpOptions } from "sharp";
import { readDimensions } from "../../domain/image-format/image-header.ts";
import type { Dimensions } from "../../domain/image-size.ts";
import {
  convertibleTypes,
  type ImageKind,
  mediaTypes,
  recogniseImage,
  type SourceKind,
} from "../../domain/image-format/media-type.ts";
import type { ImageProcessor } from "../../ports/inputs.ts";
import { semaphore } from "../../async/semaphore.ts";

const reading: SharpOptions = {
  // What inspection admits; a picture that claims more isn't decoded.
  limitInputPixels: 2 ** 26,
  // Rows that are missing are a failure; stray bytes between them, as some phones write them, are not.
  failOn: "error",
};

// A picture at the limit takes ten on a small machine.
const maxDecodeSeconds = 60;

/** Inputs made fit for use by sharp, which is loaded when the first one is: it is the heaviest package of all. */
export const sharpImageProcessor: ImageProcessor = {
  measure: (bytes) =>
    runExclusive(bytes, async (sharp) => {
      // The limit on pixels would hide how many there are; nothing is decoded here.
      const found = await sharp(bytes, { ...reading, limitInputPixels: false }).metadata();
      const kind = found.compression === "av1" ? "avif" : found.format;
      if (!isSource(kind)) return undefined;
      // Raw files are TIFFs whose picture lies in a directory below that of its preview (DNG 1.7, "SubIFD Trees").
      return { kind, width: found.width, height: found.height, isRaw: (found.subifds ?? 0) > 0 };
    }),

  normalize: (bytes, kind) =>
    runExclusive(bytes, async (sharp) => {
      // Unless told otherwise sharp turns all colours into sRGB of 8 bits by way of the picture's own profile, and
      // writes nothing but pixels. No profile is written either: what has none is sRGB to every reader.
      const upright = sharp(bytes, reading).autoOrient().timeout({ seconds: maxDecodeSeconds });
      const { data, info } = await encode(upright, kind, bytes).toBuffer({ resolveWithObject: true });
      return { bytes: data, width: info.width, height: info.height };
    }),

  alphaRange: (mask) =>
    runExclusive(mask, async (sharp) => {
      const alpha = await sharp(mask, reading).ensureAlpha().extractChannel("alpha").raw().toBuffer();
      let [lowest, highest] = [255, 0];
      // Statistics by sharp would take nine times as long: they are of much more than this.
      await inSlices(alpha.length, (from, to) => {
        // By index: iterating takes four times as long.
        for (let at = from; at < to; at += 1) {
          const value = alpha[at] ?? 0;
          if (value < lowest) lowest = value;
          if (value > highest) highest = value;
        }
        return lowest > 0 || highest < 255;
      });
      return { lowest, highest };
    }),

  resizeMask: (mask, { size, invert }) =>
    runExclusive(mask, async (sharp) => {
      const rgba = sharp(mask, reading).ensureAlpha().raw();
      const { data, info } = await rgba.toBuffer({ resolveWithObject: true });
      const raw = { ...size, channels: 4 as const };
      return await sharp(await stretch(data, info, { ...size, invert }), { raw })
        .png()
        .toBuffer();
    }),
};

const isSource = (format: string): format is SourceKind => format in mediaTypes || format in convertibleTypes;

// A photo of four megapixels takes some fifty megabytes while it is made anew; one of 64 takes hundreds.
const maxSmallPixels = 2 ** 22;
const large = semaphore(1);
const small = semaphore(2);

/**
 * Bounds how many pictures are worked on at once, in the whole process, by the memory they take. Small ones never wait for
 * large ones. The bytes are a task's only input, so what sharp refuses once it refuses always, and the answer is undefined.
 */
async function runExclusive<T>(
  bytes: Uint8Array,
  task: (sharp: typeof SharpLibrary) => Promise<T>,
): Promise<T | undefined> {
  const { default: sharp } = await import("sharp");
  const kind = recogniseImage(bytes);
  const said = kind && readDimensions(bytes, kind);
  const isSmall = said !== undefined && said.width * said.height <= maxSmallPixels;
  const run = isSmall ? small : large;
  return await run(() => task(sharp)).catch(() => undefined);
}

const sliceLength = 2 ** 18;

/** Does the work a slice at a time and lets others in between: this is the thread that answers requests. */
async function inSlices(length: number, work: (from: number, to: number) => boolean): Promise<void> {
  for (let at = 0; at < length; at += sliceLength) {
    if (!work(at, Math.min(length, at + sliceLength))) return;
    await setImmediate();
  }
}

function encode(picture: Sharp, kind: ImageKind, original: Uint8Array): Sharp {
  switch (kind) {
    case "png":
      return picture.png();
    case "jpeg":
      // Codes made for the picture would save some bytes, and take 500 MB more for one of 48 megapixels.
      return picture.jpeg({ quality: 95, chromaSubsampling: "4:4:4", optimiseCoding: false });
    case "webp":
      return picture.webp({ quality: 95, lossless: isLosslessWebp(original), exact: true });
  }
}

/** A RIFF file is a row of chunks, each with its name, its length, and a byte more where that is odd. */
function isLosslessWebp(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (name === "VP8L" || name === "VP8 ") return name === "VP8L";
    const length = view.getUint32(at + 4, true);
    at += 8 + length + (length % 2);
  }
  return false;
}

/**
 * Takes each pixel from the one that covers its centre. sharp's own resizing multiplies colours by alpha before it and
 * divides after, which leaves clear pixels black.
 */
async function stretch(
  rgba: Uint8Array,
  from: Dimensions,
  to: Dimensions & { invert: boolean },
): Promise<Uint8Array> {
  const source = new Uint32Array(rgba.buffer, rgba.byteOffset, from.width * from.height);
  const stretched = new Uint32Array(to.width * to.height);
  const nearest = (at: number, have: number, want: number) => Math.floor(((2 * at + 1) * have) / (2 * want));
  const columns = Uint32Array.from({ length: to.width }, (_, x) => nearest(x, from.width, to.width));
  // The bytes of alpha, turned over by it.
  const [flip = 0] = new Uint32Array(Uint8Array.of(0, 0, 0, to.invert ? 255 : 0).buffer);
  await inSlices(stretched.length, (first, end) => {
    for (let at = first; at < end; at += 1) {
      const y = Math.floor(at / to.width);
      const row = nearest(y, from.height, to.height) * from.width;
      stretched[at] = (source[row + (columns[at - y * to.width] ?? 0)] ?? 0) ^ flip;
    }
    return true;
  });
  return new Uint8Array(stretched.buffer);
}
