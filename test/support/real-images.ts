import sharp, { type Sharp } from "sharp";
import type { ImageFacts } from "../../src/domain/image-format/image-inspection.ts";
import type { ImageKind } from "../../src/domain/image-format/media-type.ts";
import { accepted, type ImageCase } from "./image-case.ts";

const size = { width: 24, height: 16 };

/** A small picture, half see-through where it has alpha. */
export function drawn(channels: 3 | 4 = 3): Sharp {
  return sharp({ create: { ...size, channels, background: { r: 200, g: 90, b: 20, alpha: 0.5 } } });
}

/** What is known of such a picture when nothing is added to it. */
export function drawnFacts(kind: ImageKind): Omit<ImageFacts, "bytes"> {
  return { kind, ...size, hasAlpha: false, orientation: 1, hasExtras: false, isCmyk: false };
}

/** What cameras and editors add; all of it but a colour profile tells more than pixels. */
export async function withMetadata(what: string, kind: ImageKind): Promise<ImageCase[]> {
  const bytes = (picture: Sharp) => picture.toFormat(kind).toBuffer();
  const place = drawn().withExif({ IFD3: { GPSLatitude: "1/1 2/1 3/1" } });
  const note = drawn().withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");
  const facts = drawnFacts(kind);
  return [
    accepted(`${what} with a colour profile`, await bytes(drawn().withIccProfile("p3")), facts),
    accepted(`${what} with a place in its EXIF`, await bytes(place), { ...facts, hasExtras: true }),
    accepted(`${what} with XMP`, await bytes(note), { ...facts, hasExtras: true }),
  ];
}
