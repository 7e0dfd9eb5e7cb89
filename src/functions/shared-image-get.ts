import { AppError } from "../domain/app-error.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { isCached, respondBytes } from "../http/respond-bytes.ts";
import { findJob } from "../jobs/find-job.ts";
import type { ImageStore } from "../ports/images.ts";
import { isGood, type ShareDeps } from "./job-shares.ts";

/** The picture to anyone who has a share's address. It is looked up each time, so that revoking takes effect at once. */
export const sharedImageGet = (deps: ShareDeps & { images: ImageStore }): Endpoint => ({
  name: "shared-image-get",
  method: "GET",
  route: "shared/{id}/{index}",
  access: "capability",
  async handle({ request, params: { id: jobId = "", index: at = "" } }) {
    const { query } = request;
    const shareId = query.get("share") ?? "";
    const index = Number(at);
    if (!deps.shareSigner.isGenuine({ id: shareId, jobId, index }, query.get("signature") ?? ""))
      throw new AppError("unauthorized", "This address is not genuine.");
    const share = await deps.shares.find(jobId, shareId);
    if (!share || !isGood(share, deps.clock))
      throw new AppError("expired", "This share was revoked or has expired, or its job is gone.");
    const [, { slots }] = await findJob(deps.jobs, jobId);
    const slot = slots.find((each) => each.index === index);
    if (slot?.state !== "stored") throw new AppError("notFound", "There is no such picture.");
    const headers = {
      etag: `"${slot.sha256.slice(0, 32)}"`,
      "content-type": slot.contentType,
      // Kept, and asked about each time: what was revoked isn't shown again.
      "cache-control": "private, no-cache",
      // An SVG is a page: one from a stranger must not run on the origin where callers keep their keys.
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      "cross-origin-resource-policy": "cross-origin",
      "access-control-allow-origin": "*",
      "referrer-policy": "no-referrer",
    };
    if (isCached(request, headers.etag)) return { status: 304, headers };
    return respondBytes(request, await deps.images.read(slot.blob), headers);
  },
});
