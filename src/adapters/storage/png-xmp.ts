import { crc32 } from "node:zlib";

// Signature (8) and IHDR (4 + 4 + 13 + 4), which is always the first chunk (PNG, 5.6).
const afterHeader = 33;

/**
 * A PNG with an XMP packet where readers look for it: in an uncompressed iTXt chunk (XMP specification, part 3, 1.1.5). libvips
 * writes a compressed zTXt, which some of them pass over.
 */
export function pngWithXmp(png: Uint8Array, xmp: string): Uint8Array {
  // Keyword, and after its end: not compressed, no method, no language, no translated keyword.
  const data = Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`);
  const body = Buffer.concat([Buffer.from("iTXt"), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return Buffer.concat([png.subarray(0, afterHeader), chunk, png.subarray(afterHeader)]);
}
