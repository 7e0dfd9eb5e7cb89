import type { EditParamsBody } from "../contracts/requests.ts";
import type { Offer } from "../domain/deployment.ts";
import { type EditParams, toEditRequest } from "../domain/edit-request.ts";
import { defaultEditLimits } from "../domain/model-catalogue.ts";
import type { JobRecord } from "../records.ts";
import { draftJob, type Drafting } from "./draft-job.ts";
import { prepareInputs, type Preparing, type ReceivedInputs } from "./prepare-inputs.ts";

export interface Owner {
  id: string;
  caller: string;
}

/** An edit as it is first recorded, once its inputs were received: checked against the model and made fit for it. */
export async function draftEdit(
  deps: Drafting & Preparing,
  owner: Owner,
  {
    imageParams,
    webhook,
  }: { imageParams: EditParams & Pick<EditParamsBody, "tags" | "metadata">; webhook?: JobRecord["webhook"] },
  offer: Offer,
  received: ReceivedInputs,
): Promise<JobRecord> {
  const { model, edits: limits = defaultEditLimits } = offer.capability;
  const recorded = toEditRequest(imageParams, offer);
  const { request } = recorded;
  const inputs = await prepareInputs(deps, received, { id: owner.id, model, request, limits });
  const { tags, metadata } = imageParams;
  return draftJob(deps, { ...owner, kind: "edit", offer, ...recorded, tags, metadata, inputs, webhook });
}
