import { asText, type ByteReader, type Reading, viewOf } from "./byte-reader.ts";
import { readOrientation } from "./exif-orientation.ts";
import type { Findings, SizeCheck } from "./image-inspection.ts";
import { checkParts, damaged, unreadable } from "./image-rejection.ts";
import type { Dimensions } from "../image-size.ts";

const chunkHeadBytes = 8;
/** The longest of a picture's headers. */
const headerBytes = 10;
const maxExifBytes = 65_535;
const animatedFlag = 0x02;
const alphaFlag = 0x10;

interface Chunk {
  name: string;
  length: number;
  /** With the byte that follows an odd length. */
  paddedLength: number;
}

interface Picture extends Dimensions {
  hasAlpha: boolean;
}

/** The three layouts begin with one of these; VP8X is a canvas for one of the others. */
const pictureReaders: Readonly<Record<string, (body: Uint8Array) => Picture>> = {
  VP8X: readExtended,
  VP8L: readLossless,
  "VP8 ": readLossy,
};
/** Chunks that hold pixels and their colours alone. */
const harmlessChunks = [...Object.keys(pictureReaders), "ALPH", "ICCP"];

/** Reads chunk after chunk of the container, as far as its own length goes. */
export function* inspectWebp(feed: ByteReader, checkSize: SizeCheck): Reading<Findings> {
  let left = viewOf(yield* feed.take(12)).getUint32(4, true) - 4;
  let canvas: Picture | undefined;
  let pictures = 0;
  let hasAlpha = false;
  let hasExtras = false;
  let orientation: number | undefined;
  for (let parts = 1; left >= chunkHeadBytes; parts += 1) {
    checkParts(parts);
    const { name, length, paddedLength } = yield* readChunkHead(feed, left);
    const readPicture = pictureReaders[name];
    if (!readPicture && !canvas) throw damaged("it doesn't begin with a picture's header");

    const isFirstExif = name === "EXIF" && orientation === undefined;
    const body = yield* feed.take(
      Math.min(length, isFirstExif ? maxExifBytes : readPicture ? headerBytes : 0),
    );
    if (readPicture) {
      const picture = readPicture(body);
      checkSize(picture);
      if (canvas) checkAgreement(picture, canvas);
      canvas ??= picture;
      hasAlpha ||= picture.hasAlpha;
      if (name !== "VP8X" && (pictures += 1) > 1) throw damaged("it holds two pictures");
    }
    if (isFirstExif) orientation = readOrientation(body);
    hasAlpha ||= name === "ALPH";
    hasExtras ||= !harmlessChunks.includes(name);
    yield* feed.pass(paddedLength - body.length);
    left -= chunkHeadBytes + paddedLength;
  }
  if (!canvas || pictures === 0) throw damaged("it holds no picture");
  yield* feed.pass(left);
  hasExtras ||= left > 0;
  const { width, height } = canvas;
  return { width, height, hasAlpha, orientation: orientation ?? 1, hasExtras, isCmyk: false };
}

function* readChunkHead(feed: ByteReader, left: number): Reading<Chunk> {
  const head = yield* feed.take(chunkHeadBytes);
  const name = asText(head.subarray(0, 4));
  const length = viewOf(head).getUint32(4, true);
  const room = left - chunkHeadBytes;
  if (name === "ANIM" || name === "ANMF") throw animated();
  if (length > room) throw damaged("a chunk claims more than the whole file");
  return { name, length, paddedLength: Math.min(length + (length % 2), room) };
}

/** A tiny canvas must not hide a huge picture. */
function checkAgreement(picture: Dimensions, canvas: Dimensions): void {
  if (picture.width !== canvas.width || picture.height !== canvas.height) {
    throw damaged("its headers disagree about its size");
  }
}

function readExtended(body: Uint8Array): Picture {
  const view = headerView(body, 10);
  const flags = view.getUint8(0);
  if (flags & animatedFlag) throw animated();
  const width = view.getUint32(3, true) >>> 8;
  const height = view.getUint32(6, true) >>> 8;
  return { width: width + 1, height: height + 1, hasAlpha: (flags & alphaFlag) !== 0 };
}

/** Two fields of 14 bits behind a signature, then a bit for alpha and three for the version. */
function readLossless(body: Uint8Array): Picture {
  const view = headerView(body, 5);
  const packed = view.getUint32(1, true);
  if (view.getUint8(0) !== 0x2f || packed >>> 29 !== 0) throw damaged("its lossless header is wrong");
  const hasAlpha = ((packed >>> 28) & 1) === 1;
  return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1, hasAlpha };
}

/** A frame tag of three bytes whose lowest bit is clear in a key frame, a start code, then the sides in 14 bits. */
function readLossy(body: Uint8Array): Picture {
  const view = headerView(body, 10);
  const isKeyFrame = (view.getUint8(0) & 1) === 0;
  if (!isKeyFrame || asText(body.subarray(3, 6)) !== "\x9d\x01\x2a")
    throw damaged("its lossy header is wrong");
  const side = (at: number) => view.getUint16(at, true) & 0x3fff;
  return { width: side(6), height: side(8), hasAlpha: false };
}

function headerView(body: Uint8Array, bytes: number): DataView {
  if (body.length < bytes) throw damaged("its header is too short");
  return viewOf(body);
}

function animated(): Error {
  return unreadable("an animated WebP", "send a single picture");
}
