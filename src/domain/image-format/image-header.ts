import type { Dimensions } from "../image-size.ts";
import type { ImageKind } from "./media-type.ts";

/**
 * Width and height from an image's header, without decoding a pixel. Undefined when the header is cut short or broken.
 */
export function readDimensions(bytes: Uint8Array, kind: ImageKind): Dimensions | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const found = { png: readPng, jpeg: readJpeg, webp: readWebp }[kind](view);
    return found && found.width > 0 && found.height > 0 ? found : undefined;
  } catch (error) {
    // A header that points outside its own bytes is a broken header, nothing else.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** IHDR is always the first chunk: 8 bytes of signature, 4 of length, 4 of name, then width and height. */
function readPng(view: DataView): Dimensions | undefined {
  if (view.getUint32(12) !== 0x49484452) return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * Walks the segments to the first start-of-frame (SOF0-15 without the tables DHT, JPG and DAC). Bytes between segments are
 * passed over up to the next marker, as libjpeg does.
 */
function readJpeg(view: DataView): Dimensions | undefined {
  let offset = 2;
  for (;;) {
    const marker = view.getUint8(offset) === 0xff ? view.getUint8(offset + 1) : 0;
    if (marker === 0 || marker === 0xff) {
      offset += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: view.getUint16(offset + 5), width: view.getUint16(offset + 7) };
    }
    if (marker === 0xd9 || marker === 0xda) return undefined;
    const hasNoLength = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    offset += hasNoLength ? 2 : 2 + Math.max(2, view.getUint16(offset + 2));
  }
}

/** The three WebP layouts: extended, lossless and lossy, told apart by the first chunk's name. */
function readWebp(view: DataView): Dimensions | undefined {
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (view.getUint32(12)) {
    case 0x56503858: // VP8X
      return { width: uint24(24) + 1, height: uint24(27) + 1 };
    case 0x5650384c: {
      // VP8L: two 14-bit fields behind a signature byte
      const packed = view.getUint32(21, true);
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case 0x56503820: // VP8 with its space
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return undefined;
  }
}

const startOfScan = Buffer.from([0xff, 0xda]);
const endOfImage = Buffer.from([0xff, 0xd9]);

/**
 * Whether an image's end is there, too: a download that was cut short still has a perfect header. Bytes behind the end are
 * no harm: viewers pass over them.
 */
export function isWhole(bytes: Uint8Array, kind: ImageKind): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (kind) {
    case "png":
      // The last chunk's name, followed by four bytes of checksum.
      return file.lastIndexOf("IEND", -8, "latin1") > 0;
    case "jpeg":
      // A picture inside of its header has an end of its own: the one that counts comes after the last scan's start.
      return file.lastIndexOf(endOfImage) > file.lastIndexOf(startOfScan);
    case "webp":
      return file.length >= 8 && file.readUInt32LE(4) + 8 <= file.length;
  }
}
