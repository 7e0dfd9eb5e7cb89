import type { InspectionLimits, ImageRejection } from "./image-inspection.ts";
import { damaged, RejectedImage } from "./image-rejection.ts";
import type { Dimensions } from "../image-size.ts";
import { convertibleTypes, mediaTypes, type SourceKind } from "./media-type.ts";

/** How people write the kinds. */
export const kindNames: Record<SourceKind, string> = {
  png: "PNG",
  jpeg: "JPEG",
  webp: "WebP",
  gif: "GIF",
  tiff: "TIFF",
  avif: "AVIF",
  animatedWebp: "animated WebP",
};

export function mediaTypesOf(kinds: readonly SourceKind[]): string[] {
  return [...new Set(kinds.map(mediaTypeOf))];
}

export function mediaTypeOf(kind: SourceKind): string {
  return { ...mediaTypes, ...convertibleTypes }[kind];
}

export function checkKind(kind: SourceKind, { kinds }: InspectionLimits): void {
  if (kinds.includes(kind)) return;
  const allowed = mediaTypesOf(kinds);
  const article = kindNames[kind].startsWith("a") ? "an" : "a";
  const message = `is ${article} ${kindNames[kind]} image; it must be one of: ${allowed.join(", ")}`;
  throw new RejectedImage("unsupportedMedia", message, allowed);
}

export function checkSize(
  { width, height }: Dimensions,
  { maximumPixels, maxSide }: Pick<InspectionLimits, "maximumPixels" | "maxSide">,
): void {
  if (width === 0 || height === 0) throw damaged("its header claims a picture without pixels");
  const size = `is ${width}x${height} pixels`;
  if (Math.max(width, height) > maxSide) {
    throw new RejectedImage("tooLarge", `${size}; no side may be longer than ${maxSide}`, [maxSide]);
  }
  if (width * height > maximumPixels) {
    const total = `${grouped(width * height)} in all; at most ${grouped(maximumPixels)} are allowed`;
    throw new RejectedImage("tooLarge", `${size}, ${total}`, [maximumPixels]);
  }
}

export function tooManyBytes(maximumBytes: number): ImageRejection {
  const megabytes = Math.round((maximumBytes / 2 ** 20) * 10) / 10;
  const message = `is larger than ${grouped(maximumBytes)} bytes (${megabytes} MB)`;
  return { code: "tooLarge", message, allowed: [maximumBytes] };
}

/** With commas, as English has them. Intl's first use takes longer than all the rest of a refusal. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
