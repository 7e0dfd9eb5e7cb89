import { crc32 } from "node:zlib";
import { accepted, corpusLimits, type ImageCase, tooLarge } from "./image-case.ts";
import { ihdr, joined, jpegFrame, jpegOf, jpegScan, pngChunk, pngSignature, pngWith } from "./image-parts.ts";
import { uint32, vp8, webpOf } from "./image-parts.ts";

/** Where the padding goes: what stands before it and, once it's known how much there is, after it. */
interface Padded {
  what: string;
  before: (padding: number) => Uint8Array;
  after: (padding: number) => Uint8Array;
}

const limit = corpusLimits.maximumBytes;
// All large files are made of this one piece, over and over, so that they're never held.
const zeros = new Uint8Array(64 * 1024);

function* paddingOf(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}

async function* fileOf({ before, after }: Padded, bytes: number): AsyncGenerator<Uint8Array> {
  const padding = bytes - before(0).length - after(0).length;
  yield before(padding);
  yield* paddingOf(padding);
  yield after(padding);
}

const nothing = () => new Uint8Array(0);
const pixels = pngChunk("IDAT", "pixels");
const end = pngChunk("IEND");

function paddedChunk(name: string, what: string, ...rest: Uint8Array[]): Padded {
  const sumOf = (padding: number) => {
    let sum = crc32(name);
    for (const piece of paddingOf(padding)) sum = crc32(piece, sum);
    return uint32(sum);
  };
  return {
    what,
    before: (padding) => joined(pngSignature, ihdr(), uint32(padding), name),
    after: (padding) => joined(sumOf(padding), ...rest),
  };
}

const jpeg = jpegOf(jpegFrame(), jpegScan);
const kinds: Padded[] = [
  paddedChunk("prVt", "a PNG with one large chunk", pixels, end),
  paddedChunk("IDAT", "a PNG with large pixels", end),
  { what: "a PNG with much behind its end", before: () => pngWith(), after: nothing },
  { what: "a JPEG with a long scan", before: () => jpeg.subarray(0, -2), after: () => jpeg.subarray(-2) },
  { what: "a JPEG with much behind its end", before: () => jpeg, after: nothing },
  { what: "a WebP with much behind its end", before: () => webpOf([vp8()]), after: nothing },
];

export const imagesAtTheLimit: readonly ImageCase[] = kinds.flatMap((kind) => [
  accepted(`${kind.what}, a byte below 50 MB,`, () => fileOf(kind, limit - 1), { bytes: limit - 1 }),
  accepted(`${kind.what}, of 50 MB exactly,`, () => fileOf(kind, limit), { bytes: limit }),
  tooLarge(`${kind.what}, a byte above 50 MB,`, /^is larger than 52,428,800 bytes \(50 MB\)$/, () =>
    fileOf(kind, limit + 1),
  ),
]);
