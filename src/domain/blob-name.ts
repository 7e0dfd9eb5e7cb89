import { extensionOf, type ImageKind } from "./image-format/media-type.ts";
import { type Rendition, renditionName } from "./rendition.ts";

export const thumbnailSizes = [256, 512] as const;
export type ThumbnailSize = (typeof thumbnailSizes)[number];

// What Blob Storage takes.
const maxBlobNameLength = 1_024;

/** Names are a function of job and slot, so that a step that runs twice writes to the same place. */
export function imageBlobName(jobId: string, index: number, extension: string): string {
  return `${jobId}/${index}.${extension}`;
}

/** What came in an image's place and can't be used as one. */
export function unusableBlobName(jobId: string, index: number): string {
  return `${jobId}/${index}.bin`;
}

export function thumbnailBlobName(jobId: string, index: number, size: ThumbnailSize): string {
  return `${jobId}/${index}.${size}.webp`;
}

export function renditionBlobName(jobId: string, index: number, rendition: Rendition): string {
  return `${jobId}/${index}.${renditionName(rendition)}`;
}

/** Whether a blob of `images` is a smaller picture of another one. */
export function isThumbnailBlob(name: string): boolean {
  return /\.\d+\.webp$/.test(name);
}

/** Images, their thumbnails and renditions, and partial images of a job. */
export function imageBlobPrefix(jobId: string): string {
  return `${jobId}/`;
}

/** Whether a blob of `images` is a coarser picture of one that was still being made. */
export function isPartialBlob(name: string): boolean {
  return name.split("/")[1] === "partial";
}

export function partialBlobName(jobId: string, index: number, step: number, kind: ImageKind): string {
  return `${jobId}/partial/${index}-${step}.${extensionOf(kind)}`;
}

/** Inputs of a job in `uploads`: as received; and beside that as turned into PNG, and as made anew. */
export function inputBlobName(
  jobId: string,
  part: number | "mask",
  state: "received" | "png" | "clean",
): string {
  return `${jobId}/${part === "mask" ? part : `image-${part}`}${state === "received" ? "" : `-${state}`}`;
}

/** All inputs that were stored for a job; uploads of their own aren't among them. */
export function inputBlobPrefix(jobId: string): string {
  return `${jobId}/`;
}

/** The name of a blob beside another one, or undefined when it would lie outside of that one's folder. */
export function nameBeside(blob: string, name: string): string | undefined {
  const segments = name.split("/");
  const isPlain = segments.every((segment) => segment !== "" && segment !== "." && segment !== "..");
  // A backslash is a slash to some tools, a control character is nobody's file name, and half a character has no address.
  if (!isPlain || /[\\\p{Cc}]/u.test(name) || !name.isWellFormed()) return undefined;
  const beside = blob.slice(0, blob.lastIndexOf("/") + 1) + name;
  return beside.length > maxBlobNameLength ? undefined : beside;
}

/** Where the result of a file of the inbox goes: its own name, ending in .json. */
export function resultBlobName(blob: string): string {
  return `${blob.replace(/\.[^./]+$/, "")}.json`;
}
