import { extensionOf, type ImageKind } from "./media-type.ts";

export const thumbnailSizes = [256, 512] as const;
export type ThumbnailSize = (typeof thumbnailSizes)[number];

/** Names are a function of job and slot, so that a step that runs twice writes to the same place. */
export function imageBlobName(jobId: string, index: number, kind: ImageKind): string {
  return `${jobId}/${index}.${extensionOf(kind)}`;
}

export function thumbnailBlobName(jobId: string, index: number, size: ThumbnailSize): string {
  return `${jobId}/${index}.${size}.webp`;
}
