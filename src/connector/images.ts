import type { HttpResponseInit } from "@azure/functions";
import type { ImageLink } from "./contracts/schemas.ts";
import { createImageLinkBody } from "./contracts/requests.ts";
import { toConnectorError } from "./contracts/results.ts";
import { readRange } from "../domain/byte-range.ts";
import { invalidRequest } from "../domain/app-error.ts";
import type { ImageStore } from "../ports/images.ts";
import type { StoredImage } from "../ports/records.ts";
import type { Endpoint, EndpointCall } from "../http/endpoint.ts";
import type { JobFinder } from "../jobs/find-job.ts";
import { respondJson } from "../http/respond.ts";
import { connectorEndpoint } from "./answers.ts";
import { findImage } from "./find-image.ts";
import { fileNameOf } from "./view.ts";
import { readInputBody } from "./read-input-body.ts";

interface Dependencies extends JobFinder {
  images: ImageStore;
}

const linkBodyBytes = 4_096;

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

/** A new link to an image, good for as long as the caller wants it. */
export const createImageLink = (deps: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "create-image-link",
    method: "POST",
    route: "images/{imageId}/link",
    access: "caller",
    async handle(call) {
      const { hours } = await readLinkBody(call);
      const [, image] = await findImage(deps, call.caller, call.params["imageId"] ?? "");
      const link = await deps.images.link(image.blob, hours);
      const body: ImageLink = { url: link.url, expiresOn: link.expiresAt.toISOString() };
      return respondJson(200, body);
    },
  });

/** A designer that has nothing to send sends no body. */
async function readLinkBody({ request }: EndpointCall): Promise<{ hours?: number | undefined }> {
  const isEmpty = request.headers.get("content-length") === "0" || !request.headers.has("content-type");
  return isEmpty ? {} : readInputBody(request, createImageLinkBody, linkBodyBytes);
}

function respondUnsatisfiable({ bytes }: StoredImage, requestId: string): HttpResponseInit {
  const failure = invalidRequest([{ param: "Range", message: `The image has ${bytes} bytes.` }]);
  return respondJson(416, toConnectorError(failure, requestId), { "content-range": `bytes */${bytes}` });
}
