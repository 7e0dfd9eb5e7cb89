import { crc32 } from "node:zlib";

/** Builders for images put together by hand, part by part, right or wrong. */

export const pngSignature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export function joined(...parts: (Uint8Array | string)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));
}

export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint16(value: number): Uint8Array {
  return uint32(value).subarray(2);
}

/** A chunk with the right checksum; `claimed` makes its length a lie. */
export function pngChunk(name: string, body: Uint8Array | string = "", claimed?: number): Uint8Array {
  const bytes = joined(name, body);
  return joined(uint32(claimed ?? bytes.length - 4), bytes, uint32(crc32(bytes)));
}

export interface PngHeader {
  width?: number;
  height?: number;
  bitDepth?: number;
  colourType?: number;
  compression?: number;
  filter?: number;
  interlace?: number;
}

export function ihdr(header: PngHeader = {}): Uint8Array {
  const { width = 8, height = 8, bitDepth = 8, colourType = 2 } = header;
  const { compression = 0, filter = 0, interlace = 0 } = header;
  const rest = Uint8Array.of(bitDepth, colourType, compression, filter, interlace);
  return pngChunk("IHDR", joined(uint32(width), uint32(height), rest));
}

/** A PNG of these chunks; pixels that nobody decodes and an end stand behind them. */
export function pngWith(...chunks: Uint8Array[]): Uint8Array {
  return joined(pngSignature, ihdr(), ...chunks, pngChunk("IDAT", "pixels"), pngChunk("IEND"));
}

/** Where each chunk of a PNG begins, with its name. */
export function pngChunks(bytes: Uint8Array): { name: string; at: number; end: number }[] {
  const png = Buffer.from(bytes);
  const found = [];
  for (let at = pngSignature.length; at < png.length;) {
    const end = at + 12 + png.readUInt32BE(at);
    found.push({ name: png.toString("latin1", at + 4, at + 8), at, end });
    at = end;
  }
  return found;
}

/** A copy with chunks put in behind the PNG's header. */
export function withChunks(png: Uint8Array, ...chunks: Uint8Array[]): Uint8Array {
  const headerEnd = 33;
  return joined(png.subarray(0, headerEnd), ...chunks, png.subarray(headerEnd));
}

/** A segment with its length; `claimed` makes that a lie. */
export function jpegSegment(marker: number, body: Uint8Array | string = "", claimed?: number): Uint8Array {
  const bytes = joined(body);
  return joined(Uint8Array.of(0xff, marker), uint16(claimed ?? bytes.length + 2), bytes);
}

/** A copy with segments put in behind the JPEG's first two bytes. */
export function withSegments(jpeg: Uint8Array, ...segments: Uint8Array[]): Uint8Array {
  return joined(jpeg.subarray(0, 2), ...segments, jpeg.subarray(2));
}

/** Where each segment of a JPEG's header begins, up to its first scan. */
export function jpegSegments(bytes: Uint8Array): { marker: number; at: number; end: number }[] {
  const jpeg = Buffer.from(bytes);
  const found = [];
  for (let at = 2, marker = 0; marker !== 0xda;) {
    marker = jpeg.readUInt8(at + 1);
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    found.push({ marker, at, end });
    at = end;
  }
  return found;
}

export interface JpegFrame {
  marker?: number;
  width?: number;
  height?: number;
  precision?: number;
  components?: number;
}

export function jpegFrame(frame: JpegFrame = {}): Uint8Array {
  const { marker = 0xc0, width = 8, height = 8, precision = 8, components = 3 } = frame;
  const parts = Array.from({ length: components }, (_, index) => [index + 1, 0x11, 0]).flat();
  const body = joined(Uint8Array.of(precision), uint16(height), uint16(width), Uint8Array.of(components));
  return jpegSegment(marker, joined(body, Uint8Array.from(parts)));
}

/** A scan of one component with pixels that nobody decodes. */
export const jpegScan = joined(jpegSegment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)), "pixels");

export function jpegOf(...parts: (Uint8Array | string)[]): Uint8Array {
  return joined(Uint8Array.of(0xff, 0xd8), ...parts, Uint8Array.of(0xff, 0xd9));
}

function little32(value: number): Uint8Array {
  return uint32(value).toReversed();
}

export function riffChunk(name: string, body: Uint8Array | string = "", claimed?: number): Uint8Array {
  const bytes = joined(body);
  return joined(name, little32(claimed ?? bytes.length), bytes, bytes.length % 2 ? "\0" : "");
}

/** A WebP of these chunks; `claimed` makes the length of the whole a lie. */
export function webpOf(chunks: Uint8Array[], claimed?: number): Uint8Array {
  const body = joined("WEBP", ...chunks);
  return joined("RIFF", little32(claimed ?? body.length), body);
}

export interface Canvas {
  width?: number;
  height?: number;
  flags?: number;
}

export function vp8x({ width = 8, height = 8, flags = 0 }: Canvas = {}): Uint8Array {
  const side = (value: number) => little32(value - 1).subarray(0, 3);
  return riffChunk("VP8X", joined(Uint8Array.of(flags, 0, 0, 0), side(width), side(height)));
}

export function vp8l({ width = 8, height = 8, hasAlpha = false, version = 0 } = {}): Uint8Array {
  const packed = width - 1 + (height - 1) * 2 ** 14 + Number(hasAlpha) * 2 ** 28 + version * 2 ** 29;
  return riffChunk("VP8L", joined("\x2f", little32(packed), "pixels"));
}

export function vp8({ width = 8, height = 8, tag = 0, startCode = "\x9d\x01\x2a" } = {}): Uint8Array {
  const sides = joined(uint16(width).toReversed(), uint16(height).toReversed());
  return riffChunk("VP8 ", joined(Uint8Array.of(tag, 0, 0), startCode, sides, "pixels"));
}

export interface ExifEntry {
  tag?: number;
  type?: number;
  value?: number;
}

/** EXIF of one directory, in either byte order. */
export function exifOf(order: "II" | "MM", ...entries: ExifEntry[]): Uint8Array {
  const short = (value: number) => (order === "II" ? uint16(value).toReversed() : uint16(value));
  const long = (value: number) => (order === "II" ? little32(value) : uint32(value));
  const directory = entries.map(({ tag = 0x0112, type = 3, value = 1 }) =>
    joined(short(tag), short(type), long(1), short(value), "\0\0"),
  );
  return joined(order, short(42), long(8), short(entries.length), ...directory, long(0));
}

/** The same as JPEG carries it. */
export function exifSegment(exif: Uint8Array): Uint8Array {
  return jpegSegment(0xe1, joined("Exif\0\0", exif));
}
