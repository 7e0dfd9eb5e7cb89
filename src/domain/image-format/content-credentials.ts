import { recogniseImage } from "./media-type.ts";

/**
 * Whether the file carries a C2PA manifest store (C2PA specification 2.2, "Embedding manifests into various file formats"), as
 * gpt-image models write one. It is found, not verified: that takes the certificates of others.
 */
export function hasContentCredentials(bytes: Uint8Array): boolean {
  const kind = recogniseImage(bytes);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return kind !== undefined && { png: inPng, jpeg: inJpeg, webp: inWebp }[kind](file);
}

/** PNG: a chunk `caBX`. Chunks are 4 bytes of length, 4 of name, the content, 4 of checksum. */
function inPng(file: Buffer): boolean {
  for (let at = 8; at + 8 <= file.length; at += 12 + file.readUInt32BE(at))
    if (nameAt(file, at + 4) === "caBX") return true;
  return false;
}

/** WebP: a RIFF chunk `C2PA`. Chunks are 4 bytes of name, 4 of length, the content made even. */
function inWebp(file: Buffer): boolean {
  for (let at = 12; at + 8 <= file.length; at += 8 + evened(file.readUInt32LE(at + 4)))
    if (nameAt(file, at) === "C2PA") return true;
  return false;
}

const evened = (length: number) => length + (length % 2);

/**
 * JPEG: a segment APP11 with a JUMBF box whose description says `c2pa`. Behind marker and length stand `JP` (2 bytes), instance (2)
 * and sequence (4) as in ISO/IEC 19566-5, then the box `jumb` (8), its description `jumd` (8), and the latter's type.
 */
function inJpeg(file: Buffer): boolean {
  for (let at = 2; at + 4 <= file.length && file[at] === 0xff; at += 2 + file.readUInt16BE(at + 2)) {
    const marker = file[at + 1];
    // Behind the start of the scan stand pixels.
    if (marker === 0xda || marker === 0xd9) return false;
    if (marker === 0xeb && nameAt(file, at + 16) === "jumb" && nameAt(file, at + 28) === "c2pa") return true;
  }
  return false;
}

const nameAt = (file: Buffer, at: number) => file.toString("latin1", at, at + 4);
