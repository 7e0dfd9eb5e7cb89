import type { HttpRequest, InvocationContext } from "@azure/functions";
import { checkShape } from "../contracts/check-shape.ts";
import { editRequest, editParams } from "../contracts/requests.ts";
import { inputBlobName, inputBlobPrefix } from "../domain/blob-name.ts";
import type { Claim } from "../domain/claim.ts";
import type { Offer } from "../domain/deployment.ts";
import { chooseEditor } from "../domain/edit-request.ts";
import { defaultEditLimits } from "../domain/model-catalogue.ts";
import { claimOf } from "../intake/claim-of.ts";
import { draftEdit, type Owner } from "../intake/draft-edit.ts";
import { type Drafting, offerOf } from "../intake/draft-job.ts";
import { fromTexts } from "../intake/form-fields.ts";
import type { Preparing, ReceivedInputs } from "../intake/prepare-inputs.ts";
import { readSources, type Reading } from "../intake/read-sources.ts";
import { receiveInput } from "../intake/receive-input.ts";
import { readWebhook } from "../intake/read-webhook.ts";
import type { Webhooks } from "../ports.ts";
import type { JobRecord } from "../records.ts";
import { acceptJob, type Accepting, answerRepetition } from "./accept-job.ts";
import type { Endpoint } from "./endpoint.ts";
import { findRepetition, type Repetition } from "./join-claimed.ts";
import { readJsonBody } from "./read-body.ts";
import { type FormFile, isMultipart, readMultipart } from "./read-multipart.ts";

type Dependencies = Accepting &
  Drafting &
  Preparing &
  Reading & { offers: readonly Offer[]; webhooks: Webhooks };

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
  runsJobs: true,
  async handle({ request, caller, context }) {
    const id = deps.ids.next(caller);
    const withdraw = () => removeInputs(deps, id, context);
    let edit: ReadEdit;
    try {
      edit = await readEdit(deps, request, { id, caller });
    } catch (error) {
      await withdraw();
      throw error;
    }
    if ("repetition" in edit) return answerRepetition(deps, edit.repetition, { request, context });
    return acceptJob(deps, edit.job, { request, context, claim: edit.claim, withdraw });
  },
});

/** An edit that is ready to be accepted; or an earlier request's, which needs no inputs any more. */
type ReadEdit = { job: JobRecord; claim: Claim | undefined } | { repetition: Repetition };

async function readEdit(deps: Dependencies, request: HttpRequest, owner: Owner): Promise<ReadEdit> {
  const claimFor = (body: unknown) =>
    claimOf(deps, { headers: request.headers, caller: owner.caller, route: "edits", body });
  if (isMultipart(request)) {
    const limits = { images: defaultEditLimits.maxImages, bodyBytes: maximumFormBytes };
    const { fields, ...received } = await readMultipart(request, limits, (file) =>
      receiveInput(deps.uploads, arrivalOf(file, owner.id), file.bytes),
    );
    const imageParams = checkShape(fromTexts(fields), editParams);
    const webhook = await readWebhook(deps, owner.caller, imageParams);
    const offer = offerOf(chooseEditor(imageParams, deps.offers));
    const job = await draftEdit(deps, owner, { imageParams, webhook }, offer, received);
    return { job, claim: claimFor({ imageParams, ...hashesOf(received) }) };
  }
  const body = await readJsonBody(request, editRequest, maximumJsonBytes);
  const claim = claimFor(body);
  // An upload or an address may be gone by the time a request comes again; its job is there.
  const repetition = await findRepetition(deps, claim);
  if (repetition) return { repetition };
  const { images, mask, ...imageParams } = body;
  // Before anything is fetched: a wish that no model can fulfil needs no pictures.
  const offer = offerOf(chooseEditor(imageParams, deps.offers));
  const webhook = await readWebhook(deps, owner.caller, imageParams);
  const limits = offer.capability.edits ?? defaultEditLimits;
  const received = await readSources(deps, { images, mask }, { ...owner, limits });
  return { job: await draftEdit(deps, owner, { imageParams, webhook }, offer, received), claim };
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
