import { asText, type ByteReader, type Reading, viewOf } from "./byte-reader.ts";
import { readOrientation } from "./exif-orientation.ts";
import type { Crc32, Findings, SizeCheck } from "./image-inspection.ts";
import { checkParts, damaged, unreadable } from "./image-rejection.ts";
import type { Dimensions } from "../image-size.ts";

const signatureBytes = 8;
const headerBytes = 13;
const maxExifBytes = 65_535;
const maxChunkBytes = 2 ** 31 - 1;
/** 50 MB in a writer's usual 8 KB are 6400. */
const maxPixelChunks = 20_000;
const maxPaletteBytes = 3 * 256;

/** Which bit depths each colour type has. */
const bitDepths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const paletteType = 3;
const alphaTypes = [4, 6];

const criticalChunks = ["IHDR", "PLTE", "IDAT", "IEND"];
/** Chunks that tell how to show pixels and nothing of who made them or where. */
const harmlessChunks = [
  ...criticalChunks,
  ...["tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI", "sBIT", "bKGD", "hIST", "pHYs", "sPLT"],
];

interface Chunk {
  name: string;
  /** The checksum as far as it's known: that of the name. */
  sum: number;
  length: number;
}

interface Header extends Dimensions {
  colourType: number;
}

/** Reads chunk after chunk, checking order and checksums; what's compressed stays so. */
export function* inspectPng(feed: ByteReader, checkSize: SizeCheck, crc32: Crc32): Reading<Findings> {
  yield* feed.pass(signatureBytes);
  const { width, height, colourType } = yield* readHeader(feed, crc32);
  checkSize({ width, height });

  let hasAlpha = alphaTypes.includes(colourType);
  let hasExtras = false;
  let orientation: number | undefined;
  const before = new Set(["IHDR"]);
  let last = "IHDR";
  let pixelChunks = 0;
  let otherChunks = 0;
  while (last !== "IEND") {
    const chunk = yield* readChunkHead(feed, crc32);
    checkChunk(chunk, last, before, colourType);
    if (chunk.name === "IDAT") checkParts((pixelChunks += 1), maxPixelChunks);
    else checkParts((otherChunks += 1));
    const isFirstExif = chunk.name === "eXIf" && orientation === undefined;
    const exif = yield* readChunkBody(feed, chunk, crc32, isFirstExif ? maxExifBytes : 0);
    if (isFirstExif) orientation = readOrientation(exif);
    // Behind the pixels it comes too late to count.
    hasAlpha ||= chunk.name === "tRNS" && !before.has("IDAT");
    hasExtras ||= !harmlessChunks.includes(chunk.name);
    last = chunk.name;
    before.add(last);
  }
  return { width, height, hasAlpha, orientation: orientation ?? 1, hasExtras, isCmyk: false };
}

function* readHeader(feed: ByteReader, crc32: Crc32): Reading<Header> {
  const chunk = yield* readChunkHead(feed, crc32);
  if (chunk.name === "CgBI") throw unreadable("a PNG in the form of iPhone apps", "save it as a plain PNG");
  if (chunk.name !== "IHDR") throw damaged("it doesn't begin with its header (IHDR)");
  if (chunk.length !== headerBytes) throw damaged(`its header has ${chunk.length} bytes, not ${headerBytes}`);

  const bytes = yield* readChunkBody(feed, chunk, crc32, headerBytes);
  const [bitDepth = 0, colourType = 0, compression, filter, interlace = 0] = bytes.subarray(8);
  if (!bitDepths[colourType]?.includes(bitDepth)) {
    throw damaged(`there is no colour type ${colourType} with ${bitDepth} bits`);
  }
  if (compression !== 0) throw damaged("its compression is unknown");
  if (filter !== 0) throw damaged("its filtering is unknown");
  if (interlace > 1) throw damaged("its interlacing is unknown");
  const view = viewOf(bytes);
  return { width: view.getUint32(0), height: view.getUint32(4), colourType };
}

function* readChunkHead(feed: ByteReader, crc32: Crc32): Reading<Chunk> {
  const head = yield* feed.take(8);
  const length = viewOf(head).getUint32(0);
  const name = asText(head.subarray(4));
  if (!/^[A-Za-z]{4}$/.test(name)) throw damaged("something that isn't a chunk stands where one must be");
  if (length > maxChunkBytes) throw damaged(`its ${name} chunk claims ${length} bytes`);
  return { name, length, sum: crc32(head.subarray(4), 0) };
}

/** Checks a chunk's sum and gives its first bytes, as many as are wanted. */
function* readChunkBody(feed: ByteReader, chunk: Chunk, crc32: Crc32, wanted: number): Reading<Uint8Array> {
  let { sum } = chunk;
  const add = (piece: Uint8Array) => (sum = crc32(piece, sum));
  const start = yield* feed.take(Math.min(chunk.length, wanted));
  add(start);
  yield* feed.pass(chunk.length - start.length, add);
  const claimed = viewOf(yield* feed.take(4)).getUint32(0);
  if (claimed !== sum) throw damaged(`the checksum of its ${chunk.name} chunk is wrong`);
  return start;
}

/** Objects to a chunk that has no business there, before its bytes are waited for. */
function checkChunk(
  { name, length }: Chunk,
  last: string,
  before: ReadonlySet<string>,
  colourType: number,
): void {
  if (name === "acTL") throw unreadable("an animated PNG", "send a single picture");
  if (name === "IHDR") throw damaged("it has two headers (IHDR)");
  if (name === "PLTE" && (length === 0 || length % 3 !== 0 || length > maxPaletteBytes)) {
    throw damaged(`its palette has ${length} bytes`);
  }
  if (name === "IDAT" && before.has("IDAT") && last !== "IDAT")
    throw damaged("its pixels (IDAT) are torn apart");
  if (name === "IDAT" && colourType === paletteType && !before.has("PLTE"))
    throw damaged("it lacks its palette (PLTE)");
  if (name === "IEND" && !before.has("IDAT")) throw damaged("it has no pixels (IDAT)");
  if (name === "IEND" && length !== 0) throw damaged("its end mark (IEND) isn't empty");
  if (/^[A-Z]/.test(name) && !criticalChunks.includes(name)) throw damaged(`its ${name} chunk is unknown`);
}
