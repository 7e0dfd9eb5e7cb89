import type { HttpRequest, InvocationContext } from "@azure/functions";
import { checkShape } from "../contracts/check-shape.ts";
import { editFormParams, editRequest } from "../contracts/requests.ts";
import { inputBlobName, inputBlobPrefix } from "../domain/blob-name.ts";
import type { IdempotencyKey } from "../domain/idempotency.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { chooseEditor } from "../domain/edit-request.ts";
import { defaultEditLimits } from "../domain/model-catalogue.ts";
import { idempotencyKeyOf } from "../jobs/idempotency-key.ts";
import { dryRun } from "../jobs/dry-run.ts";
import { draftEdit } from "../edits/draft-edit.ts";
import { type JobRecordDeps, requireDeployment, type Owner } from "../jobs/create-job-record.ts";
import { fromTexts } from "../edits/form-fields.ts";
import type { PrepareInputsDeps, ReceivedInputs } from "../edits/prepare-inputs.ts";
import { readSources, type Reading } from "../edits/read-sources.ts";
import { receivePart } from "../edits/receive-part.ts";
import { readWebhook } from "../jobs/read-webhook.ts";
import type { Webhooks } from "../ports/deliveries.ts";
import type { JobRecord } from "../ports/records.ts";
import { acceptJob, type AcceptJobDeps, answerReplay } from "../jobs/accept-job.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findReplay, type Replay } from "../jobs/replay-original.ts";
import { readJsonBody } from "../http/read-body.ts";
import { type FormFile, isMultipart, readMultipart } from "../http/read-multipart.ts";

type Dependencies = AcceptJobDeps &
  JobRecordDeps &
  PrepareInputsDeps &
  Reading & { offers: readonly ResolvedDeployment[]; webhooks: Webhooks };

// Base64 in JSON is held whole, several times over. Larger pictures come as parts of a form, or by upload.
const maximumJsonBytes = 32 * 1024 * 1024;
// What the Functions host lets through.
export const maximumFormBytes = 100 * 1024 * 1024;

/** Accepts an edit, as a form or as JSON: inputs stored and inspected, job recorded and started, and only then answered. */
export const editsPost = (deps: Dependencies): Endpoint => ({
  name: "edits-post",
  method: "POST",
  route: "api/images/edits",
  access: "caller",
  scopes: ["edit"],
  runsJobs: true,
  async handle({ request, caller, identity, context }) {
    const id = deps.ids.next(caller);
    const withdraw = () => removeInputs(deps, id, context);
    let edit: ReadEdit;
    try {
      edit = await readEdit(deps, request, { id, caller });
    } catch (error) {
      await withdraw();
      throw error;
    }
    if (edit.kind === "replay") return answerReplay(deps, edit.replay, { request, context });
    const { idempotencyKey } = edit;
    const job = await deps.queue.place(edit.job);
    if (edit.isDry) {
      await withdraw();
      return dryRun(deps, job, identity);
    }
    return acceptJob(deps, job, { request, context, identity, idempotencyKey, withdraw });
  },
});

/** An edit that is ready to be accepted; or an earlier request's, which needs no inputs any more. */
type ReadEdit =
  | { kind: "draft"; job: JobRecord; idempotencyKey: IdempotencyKey | undefined; isDry: boolean }
  | { kind: "replay"; replay: Replay };

async function readEdit(deps: Dependencies, request: HttpRequest, owner: Owner): Promise<ReadEdit> {
  const keyFor = (body: unknown) =>
    idempotencyKeyOf(deps, { headers: request.headers, caller: owner.caller, route: "edits", body });
  if (isMultipart(request)) {
    const limits = { images: defaultEditLimits.maxImages, bodyBytes: maximumFormBytes };
    const { fields, ...received } = await readMultipart(request, limits, (file) =>
      receivePart(deps, owner.caller, arrivalOf(file, owner.id), file.bytes),
    );
    const { dry_run: isDry = false, ...imageParams } = checkShape(fromTexts(fields), editFormParams);
    const webhook = await readWebhook(deps, owner.caller, imageParams);
    const offer = requireDeployment(chooseEditor(imageParams, deps.offers));
    const job = await draftEdit(deps, owner, { imageParams, webhook }, offer, received);
    return { kind: "draft", job, isDry, idempotencyKey: keyFor({ imageParams, ...hashesOf(received) }) };
  }
  const body = await readJsonBody(request, editRequest, maximumJsonBytes);
  const idempotencyKey = keyFor(body);
  // An upload or an address may be gone by the time a request comes again; its job is there.
  const { images, mask, dry_run: isDry = false, ...imageParams } = body;
  const replay = isDry ? undefined : await findReplay(deps, idempotencyKey);
  if (replay) return { kind: "replay", replay };
  // Before anything is fetched: a request that no model can fulfil needs no pictures.
  const offer = requireDeployment(chooseEditor(imageParams, deps.offers));
  const webhook = await readWebhook(deps, owner.caller, imageParams);
  const limits = offer.capability.edits ?? defaultEditLimits;
  const received = await readSources(deps, { images, mask }, { ...owner, limits });
  const job = await draftEdit(deps, owner, { imageParams, webhook }, offer, received);
  return { kind: "draft", job, isDry, idempotencyKey };
}

/** Files by what is in them: a form that is sent again may name and order its parts' headers in another way. */
export function hashesOf({ images, mask }: ReceivedInputs) {
  return { images: images.map(({ sha256 }) => sha256), mask: mask?.sha256 };
}

export function arrivalOf({ field, role, index }: FormFile, jobId: string) {
  const isOnly = role === "mask" || (field === "image" && index === 0);
  return {
    param: isOnly ? role : `image[${index}]`,
    role,
    blob: inputBlobName(jobId, role === "mask" ? role : index, "received"),
  };
}

/** What was refused, or came twice, leaves nothing behind. Should even that fail, a day's retention ends it. */
export async function removeInputs(
  { uploads }: Pick<Dependencies, "uploads">,
  jobId: string,
  context: InvocationContext,
): Promise<void> {
  try {
    await uploads.removeAll(inputBlobPrefix(jobId));
  } catch {
    context.warn(`inputs of the request ${jobId}, which made no job, could not be removed`);
  }
}
