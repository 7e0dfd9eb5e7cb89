import type { UploadReply } from "../contracts/http-api.ts";
import { AppError } from "../domain/app-error.ts";
import { tagOfId } from "../domain/job-id.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import type { UploadStore } from "../ports/inputs.ts";
import type { JobIds } from "../ports/jobs.ts";

interface Dependencies {
  uploads: Pick<UploadStore, "find">;
  ids: Pick<JobIds, "tagOf">;
}

/** Whether an upload has arrived: storage refuses its link a second time, and a phone that lost the answer can't know why. */
export const uploadsGet = ({ uploads, ids }: Dependencies): Endpoint => ({
  name: "uploads-get",
  method: "GET",
  route: "api/uploads/{id}",
  access: "caller",
  scopes: ["edit"],
  async handle({ params, caller }) {
    const uploadId = params["id"] ?? "";
    // The tag inside an upload's id is its owner's: somebody else's is as unknown as one that never was.
    const isOwn = tagOfId("upload", uploadId) === ids.tagOf(caller);
    const found = isOwn ? await uploads.find({ container: "uploads", blob: uploadId }) : undefined;
    if (!found)
      throw new AppError("notFound", "No such upload of yours has arrived; they are kept for a day.");
    const { bytes, modifiedAt } = found;
    return respondJson(200, {
      upload_id: uploadId,
      bytes,
      arrived_at: modifiedAt.toISOString(),
    } satisfies UploadReply);
  },
});
