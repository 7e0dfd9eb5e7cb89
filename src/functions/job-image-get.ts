import type { HttpResponseInit } from "@azure/functions";
import { thumbnailBlobName, type ThumbnailSize, thumbnailSizes } from "../domain/blob-name.ts";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { type Rendition, readRendition, renditionName, renditionParameters } from "../domain/rendition.ts";
import type { ImageStore } from "../ports/images.ts";
import { mediaTypes } from "../domain/image-format/media-type.ts";
import type { JobRecord, SlotRecord, StoredFile, StoredImage } from "../ports/records.ts";
import type { Endpoint, EndpointCall } from "../http/endpoint.ts";
import { isCached, respondBytes } from "../http/respond-bytes.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import { findRendition, type RenditionDeps } from "../jobs/find-rendition.ts";

interface Dependencies extends JobFinder, RenditionDeps {
  images: ImageStore;
  makeThumbnails: (step: { jobId: string; images: readonly number[] }) => Promise<{ made: number }>;
}

/**
 * An image's address that never dies: answers with a link that is good now. A missing thumbnail is made first. With `width` and its
 * like it answers with the bytes of a rendition, for caches to keep.
 *
 * With `download` it answers with the bytes: a page can read those of its own origin, not those behind a link.
 */
export const jobImageGet = (deps: Dependencies): Endpoint => ({
  name: "job-image-get",
  method: "GET",
  route: "api/jobs/{id}/images/{index}",
  access: "caller",
  async handle({ request, params, caller }) {
    checkNames(request.query);
    const rendition = readRendition(request.query);
    const size = readThumbnailSize(request.query.get("thumbnail"));
    const [job, { slots }] = await findJobOf(deps, caller, params["id"] ?? "");
    const slot = slots.find(({ index }) => String(index) === params["index"]);
    if (!slot)
      throw new AppError("notFound", `Job has no image ${(params["index"] ?? "").slice(0, 20)}, or not yet.`);
    if (rendition) return respondRendition(deps, request, [job, imageOf(slot)], rendition);
    const served = await blobOf(deps, job.id, slot, size);
    if (isDownload(request.query.get("download")))
      return respondDownload(deps, { jobId: job.id, index: slot.index }, served);
    const link = await deps.images.link(served.blob);
    return { status: 302, headers: { location: link.url, "cache-control": "no-store" } };
  },
});

type Served = Pick<StoredFile, "blob" | "contentType">;

/** A slot without an image may have a file: what came in the image's place. */
async function blobOf(
  deps: Dependencies,
  jobId: string,
  slot: SlotRecord,
  size: ThumbnailSize | undefined,
): Promise<Served> {
  if (slot.state === "failed" && slot.file && size === undefined) return slot.file;
  const image = imageOf(slot);
  if (size === undefined) return image;
  return { blob: await thumbnail(deps, jobId, image, size), contentType: mediaTypes.webp };
}

function imageOf(slot: SlotRecord): StoredImage {
  if (slot.state === "stored") return slot;
  throw new AppError("notFound", `There is no image ${slot.index}: ${slot.failure.message}`);
}

/** The tag is known before the bytes are: what a cache has already is read from nowhere. */
async function respondRendition(
  deps: Dependencies,
  request: EndpointCall["request"],
  [job, image]: [JobRecord, StoredImage],
  rendition: Rendition,
): Promise<HttpResponseInit> {
  const headers = {
    etag: `"${image.sha256.slice(0, 16)}-${renditionName(rendition)}"`,
    // Only the caller's own cache may keep it, and asks again after an hour: the job may have been deleted.
    "cache-control": "private, max-age=3600",
    vary: "api-key, authorization",
  };
  if (isCached(request, headers.etag)) return { status: 304, headers };
  const bytes = await findRendition(deps, job, image, rendition);
  return respondBytes(request, bytes, { ...headers, "content-type": `image/${rendition.format}` });
}

const parameterNames = [...Object.keys(renditionParameters), "thumbnail", "download"];

/** A misspelt parameter would be answered with the whole picture, and nobody would see why it is slow. */
function checkNames(query: URLSearchParams): void {
  const violations = [...new Set(query.keys())]
    .filter((name) => !parameterNames.includes(name))
    .map((name) => ({
      param: name.slice(0, 40),
      message: `This address has the parameters ${parameterNames.join(", ")}.`,
      allowed: parameterNames,
    }));
  if (violations.length > 0) throw invalidRequest(violations);
}

async function respondDownload(
  { images }: Dependencies,
  { jobId, index }: { jobId: string; index: number },
  { blob, contentType }: Served,
): Promise<HttpResponseInit> {
  const extension = blob.slice(blob.lastIndexOf("."));
  return {
    status: 200,
    headers: {
      "content-type": contentType,
      "content-disposition": `attachment; filename="${jobId}-${index}${extension}"`,
      // Written once, but anyone who deletes the job wants it gone.
      "cache-control": "private, no-store",
    },
    body: await images.read(blob),
  };
}

function isDownload(text: string | null): boolean {
  if (text === null) return false;
  if (text === "1") return true;
  throw invalidRequest([{ param: "download", message: "download must be 1, or absent.", allowed: ["1"] }]);
}

async function thumbnail(
  deps: Dependencies,
  jobId: string,
  image: StoredImage,
  size: ThumbnailSize,
): Promise<string> {
  if (!image.hasThumbnails) {
    const { made } = await deps.makeThumbnails({ jobId, images: [image.index] });
    if (made === 0)
      throw new AppError("notFound", `Image ${image.index} can't be made smaller: its pixels can't be read.`);
  }
  return thumbnailBlobName(jobId, image.index, size);
}

function readThumbnailSize(text: string | null): ThumbnailSize | undefined {
  if (text === null) return undefined;
  const size = thumbnailSizes.find((candidate) => String(candidate) === text);
  if (size !== undefined) return size;
  const message = `thumbnail must be one of: ${thumbnailSizes.join(", ")}.`;
  throw invalidRequest([{ param: "thumbnail", message, allowed: thumbnailSizes }]);
}
