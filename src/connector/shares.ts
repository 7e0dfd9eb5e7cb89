import type { ImageShare } from "./contracts/schemas.ts";
import { daySeconds, shareImageBody } from "./contracts/requests.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { createShare, type ShareDeps, shareUrl } from "../functions/job-shares.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { connectorEndpoint } from "./answers.ts";
import { findImage } from "./find-image.ts";
import { readOptionalBody } from "./read-input-body.ts";

/** A view link that lasts, of our own origin: the core's share of one image. */
export const shareImage = (deps: ShareDeps): Endpoint =>
  connectorEndpoint({
    name: "share-image",
    method: "POST",
    route: "images/{imageId}/shares",
    access: "caller",
    async handle(call) {
      const { days } = await readOptionalBody(call, shareImageBody);
      const [{ id: jobId }, { index }] = await findImage(deps, call.caller, call.params["imageId"] ?? "");
      const seconds = days === undefined ? undefined : days * daySeconds;
      const share = await createShare(deps, { jobId, index }, seconds);
      const body: ImageShare = withoutAbsent({
        url: shareUrl(deps, share, deps.originOf(call.request)),
        shareId: share.id,
        expiresOn: share.expiresAt,
      });
      return respondJson(200, body);
    },
  });

/** One that has ended already is no fault. */
export const stopSharingImage = (deps: ShareDeps): Endpoint =>
  connectorEndpoint({
    name: "stop-sharing-image",
    method: "DELETE",
    route: "images/{imageId}/shares/{shareId}",
    access: "caller",
    async handle({ params, caller }) {
      const [job] = await findImage(deps, caller, params["imageId"] ?? "");
      await deps.shares.remove(job.id, params["shareId"] ?? "");
      return { status: 204 };
    },
  });
