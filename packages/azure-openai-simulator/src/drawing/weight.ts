import { randomFillSync } from "node:crypto";
import { crc32 } from "node:zlib";

// Random bytes, so that no compression on the way makes the picture light again.
const noise = randomFillSync(Buffer.alloc(1_000_000));

/** Adds what decoders skip until the file weighs exactly `bytes`; a file that is heavier already stays as it is. */
export function weigh(file: Buffer, bytes: number | undefined): Buffer {
  const missing = (bytes ?? 0) - file.length;
  if (file.readUInt32BE(0) === 0x89504e47 && missing >= 12) return padPng(file, missing);
  if (file.readUInt16BE(0) === 0xffd8 && missing >= 4) return padJpeg(file, missing);
  return file;
}

/** A private ancillary chunk after the header chunk, which is always 33 bytes in. */
function padPng(file: Buffer, missing: number): Buffer {
  const typed = Buffer.concat([Buffer.from("ruNd"), filler(missing - 12)]);
  const chunk = Buffer.alloc(missing);
  chunk.writeUInt32BE(missing - 12, 0);
  typed.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(typed), missing - 4);
  return Buffer.concat([file.subarray(0, 33), chunk, file.subarray(33)]);
}

const largestComment = 65_537;

/** Comment segments after the start marker; the last two share what is left, as none may be under 4 bytes. */
function padJpeg(file: Buffer, missing: number): Buffer {
  const segments: Buffer[] = [];
  for (let left = missing; left > 0;) {
    const size =
      left > largestComment && left < largestComment + 4 ? left - 4 : Math.min(left, largestComment);
    const header = Buffer.from([0xff, 0xfe, (size - 2) >> 8, (size - 2) & 0xff]);
    segments.push(header, filler(size - 4));
    left -= size;
  }
  return Buffer.concat([file.subarray(0, 2), ...segments, file.subarray(2)]);
}

function filler(size: number): Buffer {
  const filled = Buffer.alloc(size);
  for (let at = 0; at < size; at += noise.length) noise.copy(filled, at);
  return filled;
}
