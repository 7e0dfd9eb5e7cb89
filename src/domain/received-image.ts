import { isWhole, readDimensions } from "./image-format/image-header.ts";
import type { Dimensions } from "./image-size.ts";
import { extensionOf, mediaTypes, recogniseImage } from "./image-format/media-type.ts";

/** What a received picture is, going by its own bytes. */
export interface IdentifiedImage extends Dimensions {
  extension: string;
  contentType: string;
}

/** A kind that no model here is known to make, but that gateways send: it is paid for, so it is stored as it came. */
interface OtherKind {
  extension: string;
  contentType: string;
  matches: (head: string) => boolean;
  readSize: (bytes: Buffer) => Dimensions | undefined;
}

const starts =
  (...beginnings: string[]) =>
  (head: string) =>
    beginnings.some((beginning) => head.startsWith(beginning));
const brand = (pattern: RegExp) => (head: string) =>
  head.slice(4, 8) === "ftyp" && pattern.test(head.slice(8, 32));
const headBytes = 1_024;

const otherKinds: readonly OtherKind[] = [
  { extension: "gif", contentType: "image/gif", matches: starts("GIF87a", "GIF89a"), readSize: readGif },
  { extension: "avif", contentType: "image/avif", matches: brand(/avi[fs]/), readSize: readIspe },
  {
    extension: "heic",
    contentType: "image/heic",
    matches: brand(/hei[cxms]|hev[cxms]|mif1/),
    readSize: readIspe,
  },
  {
    extension: "bmp",
    contentType: "image/bmp",
    matches: (head) => /^BM[^]{4}\0{4}/.test(head),
    readSize: readBmp,
  },
  { extension: "tiff", contentType: "image/tiff", matches: starts("II*\0", "MM\0*"), readSize: unknownSize },
  {
    extension: "jxl",
    contentType: "image/jxl",
    matches: starts("\xff\x0a", "\0\0\0\x0cJXL "),
    readSize: unknownSize,
  },
  { extension: "svg", contentType: "image/svg+xml", matches: isSvg, readSize: readSvg },
];

/**
 * Undefined for what is no picture, and for one that was cut short. Bytes behind a picture's end are part of the file:
 * viewers pass over them. A size that the header doesn't tell is 0 x 0.
 */
export function identifyImage(bytes: Uint8Array): IdentifiedImage | undefined {
  const kind = recogniseImage(bytes);
  if (kind) {
    const dimensions = readDimensions(bytes, kind);
    if (!dimensions || !isWhole(bytes, kind)) return undefined;
    return { extension: extensionOf(kind), contentType: mediaTypes[kind], ...dimensions };
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = buffer.subarray(0, headBytes).toString("latin1");
  const other = otherKinds.find(({ matches }) => matches(head));
  if (!other) return undefined;
  const { extension, contentType, readSize } = other;
  return { extension, contentType, ...(readSize(buffer) ?? { width: 0, height: 0 }) };
}

function unknownSize(): undefined {
  return undefined;
}

function readGif(bytes: Buffer): Dimensions | undefined {
  return bytes.length < 10 ? undefined : { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

function readBmp(bytes: Buffer): Dimensions | undefined {
  if (bytes.length < 26) return undefined;
  return { width: Math.abs(bytes.readInt32LE(18)), height: Math.abs(bytes.readInt32LE(22)) };
}

/** ISO/IEC 23008-12: the box `ispe` has four bytes of version and flags, then width and height. */
function readIspe(bytes: Buffer): Dimensions | undefined {
  const at = bytes.indexOf("ispe", 0, "latin1");
  if (at < 0 || at + 16 > bytes.length) return undefined;
  return { width: bytes.readUInt32BE(at + 8), height: bytes.readUInt32BE(at + 12) };
}

function isSvg(head: string): boolean {
  return /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype svg|svg)/i.test(head) && /<svg[\s>]/i.test(head);
}

function readSvg(bytes: Buffer): Dimensions | undefined {
  const [tag = ""] = /<svg\b[^>]*>/i.exec(bytes.subarray(0, 4 * headBytes).toString("latin1")) ?? [];
  const side = (name: string) =>
    Number(new RegExp(`\\s${name}\\s*=\\s*["']\\s*(\\d+)(\\.\\d+)?(px)?\\s*["']`, "i").exec(tag)?.[1]);
  const box = /viewBox\s*=\s*["'][\d.\s,-]*?([\d.]+)[\s,]+([\d.]+)\s*["']/i.exec(tag);
  const width = side("width") || Math.round(Number(box?.[1]));
  const height = side("height") || Math.round(Number(box?.[2]));
  return width > 0 && height > 0 ? { width, height } : undefined;
}
