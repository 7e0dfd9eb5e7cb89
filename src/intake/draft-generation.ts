import type { Offer } from "../domain/deployment.ts";
import type { ImageParams } from "../domain/image-request.ts";
import { toGenerationRequest } from "../domain/model-alias.ts";
import type { JobRecord } from "../records.ts";
import type { Owner } from "./draft-edit.ts";
import { draftJob, type Drafting } from "./draft-job.ts";

/** A generation as it is first recorded. */
export function draftGeneration(
  deps: Drafting,
  owner: Owner,
  {
    imageParams,
    webhook,
  }: {
    imageParams: ImageParams & { tags?: string[] | undefined; metadata?: Record<string, string> | undefined };
    webhook?: JobRecord["webhook"];
  },
  offer: Offer,
): JobRecord {
  const recorded = toGenerationRequest(imageParams, offer);
  const { tags, metadata } = imageParams;
  return draftJob(deps, { ...owner, kind: "generation", offer, ...recorded, tags, metadata, webhook });
}
