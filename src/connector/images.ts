import type { HttpResponseInit } from "@azure/functions";
import type { ConvertedImage, ImageLink } from "./contracts/schemas.ts";
import { type ConvertImageBody, convertImageBody, createImageLinkBody } from "./contracts/requests.ts";
import { toConnectorError } from "./contracts/results.ts";
import { imageIdOf } from "../domain/image-id.ts";
import { type Rendition, renditionFormats, renditionName, renditionParameters } from "../domain/rendition.ts";
import { readRange } from "../domain/byte-range.ts";
import { invalidRequest } from "../domain/app-error.ts";
import type { ImageStore } from "../ports/images.ts";
import type { StoredImage } from "../ports/records.ts";
import type { Endpoint } from "../http/endpoint.ts";
import type { JobFinder } from "../jobs/find-job.ts";
import { findRendition, type RenditionDeps } from "../jobs/find-rendition.ts";
import { respondJson } from "../http/respond.ts";
import { connectorEndpoint } from "./answers.ts";
import { findImage } from "./find-image.ts";
import { fileNameOf } from "./view.ts";
import { readOptionalBody } from "./read-input-body.ts";

interface Dependencies extends JobFinder {
  images: ImageStore;
}

/** An image's bytes, whole or in the parts that an engine reads large content by. */
export const getImageContent = (deps: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "get-image-content",
    method: "GET",
    route: "images/{imageId}/content",
    access: "caller",
    async handle(call) {
      const [job, image] = await findImage(deps, call.caller, call.params["imageId"] ?? "");
      const etag = `"${image.sha256}"`;
      const whole = {
        "content-type": image.contentType,
        "content-disposition": `attachment; filename="${fileNameOf(job.id, image)}"`,
        "accept-ranges": "bytes",
        etag,
        // Written once, but anyone who deletes the job wants it gone.
        "cache-control": "private, no-store",
      };
      const condition = call.request.headers.get("if-range");
      const asked = condition === null || condition === etag ? call.request.headers.get("range") : null;
      const range = readRange(asked, image.bytes);
      if (range === undefined)
        return { status: 200, headers: whole, body: await deps.images.read(image.blob) };
      if (range === "unsatisfiable") return respondUnsatisfiable(image, call.requestId);
      return {
        status: 206,
        headers: { ...whole, "content-range": `bytes ${range.first}-${range.last}/${image.bytes}` },
        body: await deps.images.read(image.blob, range),
      };
    },
  });

/** An image as another file. It is made once, and kept with its image. */
export const convertImage = (deps: Dependencies & RenditionDeps): Endpoint =>
  connectorEndpoint({
    name: "convert-image",
    method: "POST",
    route: "images/{imageId}/conversion",
    access: "caller",
    scopes: ["read"],
    async handle(call) {
      const asked = await readOptionalBody(call, convertImageBody);
      const [job, image] = await findImage(deps, call.caller, call.params["imageId"] ?? "");
      const rendition = renditionOf(asked, image);
      const bytes = await findRendition(deps, job, image, rendition);
      const body: ConvertedImage = {
        fileName: `${imageIdOf(job.id, image.index)}.${renditionName(rendition)}`,
        contentType: `image/${rendition.format}`,
        contentBytes: Buffer.from(bytes).toString("base64"),
      };
      return respondJson(200, body);
    },
  });

/** A square is no larger than the shorter side, since nothing is made larger than its image: the next width below. */
function renditionOf(
  { format, width, fit = "inside", quality = "80" }: ConvertImageBody,
  image: StoredImage,
): Rendition {
  const longest = Math.min(image.width, image.height, Number(width ?? Infinity));
  const side = renditionParameters.width.findLast((known) => Number(known) <= longest) ?? "128";
  const asked = fit === "cover" ? side : width;
  return {
    format: format ?? renditionFormats.find((known) => image.contentType === `image/${known}`) ?? "png",
    width: asked === undefined ? undefined : Number(asked),
    fit,
    quality: Number(quality),
  };
}

/** A new link to an image, good for as long as the caller wants it. */
export const createImageLink = (deps: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "create-image-link",
    method: "POST",
    route: "images/{imageId}/link",
    access: "caller",
    async handle(call) {
      const { hours } = await readOptionalBody(call, createImageLinkBody);
      const [, image] = await findImage(deps, call.caller, call.params["imageId"] ?? "");
      const link = await deps.images.link(image.blob, hours);
      const body: ImageLink = { url: link.url, expiresOn: link.expiresAt.toISOString() };
      return respondJson(200, body);
    },
  });

function respondUnsatisfiable({ bytes }: StoredImage, requestId: string): HttpResponseInit {
  const failure = invalidRequest([{ param: "Range", message: `The image has ${bytes} bytes.` }]);
  return respondJson(416, toConnectorError(failure, requestId), { "content-range": `bytes */${bytes}` });
}
