/** The image types Darkroom stores. */
export const mediaTypes = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
} as const;

export type ImageKind = keyof typeof mediaTypes;

/** Kinds that no model takes, and that the decoder turns into PNG. */
export const convertibleTypes = {
  gif: "image/gif",
  tiff: "image/tiff",
  avif: "image/avif",
  animatedWebp: "image/webp",
} as const;
export type ConvertibleKind = keyof typeof convertibleTypes;

/** Whatever an edit may be given. */
export type SourceKind = ImageKind | ConvertibleKind;

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
// The mark of a JPEG's start is all that decoders ask for: other bytes may stand before its next one.
const jpegSignature = [0xff, 0xd8];

/** Recognises an image by its own first bytes; what a service or a caller calls it isn't evidence. */
export function recogniseImage(bytes: Uint8Array): ImageKind | undefined {
  if (startsWith(bytes, pngSignature)) return "png";
  if (startsWith(bytes, jpegSignature)) return "jpeg";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "webp";
  return undefined;
}

/** How far into a file `isAnimatedWebp` looks. */
export const webpFlagsBytes = 21;

/** Its first chunk is VP8X, of 10 bytes, whose flags say so: models and our own reader take single pictures. */
export function isAnimatedWebp(head: Uint8Array): boolean {
  const isExtended = ascii(head, 12, 16) === "VP8X" && (head[16] ?? 0) >= 10;
  return recogniseImage(head) === "webp" && isExtended && ((head[20] ?? 0) & 0x02) !== 0;
}

/** The same for kinds that are made into PNG first. `head` is the beginning of a file, of any length. */
export function recogniseConvertible(head: Uint8Array): ConvertibleKind | undefined {
  const start = ascii(head, 0, 6);
  if (start === "GIF87a" || start === "GIF89a") return "gif";
  if (isAnimatedWebp(head)) return "animatedWebp";
  if (["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(start.slice(0, 4))) return "tiff";
  return brandsOf(head).some((brand) => /^avi[fs]$/.test(brand)) ? "avif" : undefined;
}

/** Which of the family of AVIF, HEIC, MP4 and QuickTime a file says it is; the first is its main one. None for other files. */
export function brandsOf(head: Uint8Array): string[] {
  if (ascii(head, 4, 8) !== "ftyp") return [];
  const boxBytes = ((head[2] ?? 0) << 8) | (head[3] ?? 0);
  const brands = [ascii(head, 8, 12)];
  // Behind the first one stand the four bytes of its version.
  for (let at = 16; at + 4 <= Math.min(boxBytes, head.length); at += 4) brands.push(ascii(head, at, at + 4));
  return brands;
}

export function extensionOf(kind: ImageKind): string {
  return kind === "jpeg" ? "jpg" : kind;
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
