import type { EditParamsBody } from "../contracts/requests.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { type EditParams, toEditRequest } from "../domain/edit-request.ts";
import { defaultEditLimits } from "../domain/model-catalogue.ts";
import type { JobRecord } from "../ports/records.ts";
import {
  createJobRecord,
  isAnywhere,
  type JobRecordDeps,
  type Owner,
  type Scheduling,
} from "../jobs/create-job-record.ts";
import { prepareInputs, type PrepareInputsDeps, type ReceivedInputs } from "./prepare-inputs.ts";

/** An edit as it is first recorded, once its inputs were received: checked against the model and made fit for it. */
export async function draftEdit(
  deps: JobRecordDeps & PrepareInputsDeps,
  owner: Owner,
  {
    imageParams,
    webhook,
  }: {
    imageParams: EditParams &
      Pick<EditParamsBody, "tags" | "metadata"> &
      Scheduling & { deployment?: string | undefined };
    webhook?: JobRecord["webhook"];
  },
  offer: ResolvedDeployment,
  received: ReceivedInputs,
): Promise<JobRecord> {
  const { model, edits: limits = defaultEditLimits } = offer.capability;
  const recorded = toEditRequest(imageParams, offer);
  const { request } = recorded;
  const inputs = await prepareInputs(deps, received, { id: owner.id, model, request, limits });
  const { tags, metadata } = imageParams;
  return createJobRecord(deps, {
    ...owner,
    kind: "edit",
    offer,
    anyDeployment: isAnywhere(imageParams, offer),
    ...recorded,
    scheduling: imageParams,
    tags,
    metadata,
    inputs,
    webhook,
  });
}
