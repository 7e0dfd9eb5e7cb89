import type { default as SharpLibrary, Sharp, SharpOptions } from "sharp";
import type { Dimensions } from "../domain/image-size.ts";
import type { ImageKind } from "../domain/media-type.ts";
import type { InputWorkshop } from "../ports.ts";

const reading: SharpOptions = {
  // What the intake admits; a picture that claims more isn't decoded.
  limitInputPixels: 2 ** 26,
  // Rows that are missing are a failure; stray bytes between them, as some phones write them, are not.
  failOn: "error",
};

/** Inputs made fit for use by sharp, which is loaded when the first one is: it is the heaviest package of all. */
export const sharpInputWorkshop: InputWorkshop = {
  clean: (bytes, kind) =>
    inTurn(async (sharp) => {
      // Unless told otherwise sharp turns all colours into sRGB of 8 bits by way of the picture's own profile, and
      // writes nothing but pixels. No profile is written either: what has none is sRGB to every reader.
      const upright = sharp(bytes, reading).autoOrient();
      const { data, info } = await encode(upright, kind, bytes).toBuffer({ resolveWithObject: true });
      return { bytes: data, width: info.width, height: info.height };
    }),

  alphaRange: (mask) =>
    inTurn(async (sharp) => {
      const alpha = await sharp(mask, reading).ensureAlpha().extractChannel("alpha").raw().toBuffer();
      let [lowest, highest] = [255, 0];
      // By index: iterating takes four times as long, a second for a mask as large as they come.
      for (let at = 0; at < alpha.length; at += 1) {
        const value = alpha[at] ?? 0;
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
      }
      return { lowest, highest };
    }),

  refitMask: (mask, { size, invert }) =>
    inTurn(async (sharp) => {
      const rgba = sharp(mask, reading).ensureAlpha().raw();
      const { data, info } = await rgba.toBuffer({ resolveWithObject: true });
      if (invert) turnAlphaOver(data);
      const raw = { ...size, channels: 4 as const };
      return await sharp(stretch(data, info, size), { raw })
        .png()
        .toBuffer();
    }),
};

let lastInTurn: Promise<unknown> = Promise.resolve();

/**
 * One picture at a time in the whole process: one of 48 megapixels takes hundreds of megabytes. The bytes are a task's
 * only input, so what sharp refuses once it refuses always, and the answer is undefined.
 */
async function inTurn<T>(task: (sharp: typeof SharpLibrary) => Promise<T>): Promise<T | undefined> {
  const { default: sharp } = await import("sharp");
  const answer = lastInTurn.then(() => task(sharp)).catch(() => undefined);
  // Not the answer itself, which would be kept until the next picture comes.
  lastInTurn = answer.then(() => undefined);
  return await answer;
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

function turnAlphaOver(rgba: Uint8Array): void {
  for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255 - (rgba[at] ?? 0);
}

/**
 * Takes each pixel from the one that covers its centre. sharp's own resizing multiplies colours by alpha before it and
 * divides after, which leaves clear pixels black.
 */
function stretch(rgba: Uint8Array, from: Dimensions, to: Dimensions): Uint8Array {
  const source = new Uint32Array(rgba.buffer, rgba.byteOffset, from.width * from.height);
  const stretched = new Uint32Array(to.width * to.height);
  const nearest = (at: number, have: number, want: number) => Math.floor(((2 * at + 1) * have) / (2 * want));
  const columns = Array.from({ length: to.width }, (_, x) => nearest(x, from.width, to.width));
  let next = 0;
  for (let y = 0; y < to.height; y += 1) {
    const row = nearest(y, from.height, to.height) * from.width;
    for (const column of columns) stretched[next++] = source[row + column] ?? 0;
  }
  return new Uint8Array(stretched.buffer);
}
