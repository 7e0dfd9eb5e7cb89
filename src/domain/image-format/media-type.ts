/** The image types Darkroom stores. */
export const mediaTypes = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
} as const;

export type ImageKind = keyof typeof mediaTypes;

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

export function extensionOf(kind: ImageKind): string {
  return kind === "jpeg" ? "jpg" : kind;
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
