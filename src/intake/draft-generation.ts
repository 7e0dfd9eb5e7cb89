import type { Offer } from "../domain/deployment.ts";
import { applyDefaults, type ImageParams } from "../domain/image-request.ts";
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
  const request = applyDefaults(imageParams, offer.capability);
  const { tags, metadata } = imageParams;
  return draftJob(deps, { ...owner, kind: "generation", offer, request, tags, metadata, webhook });
}
