import type { Offer } from "../domain/deployment.ts";
import { completeWish, type ImageWish } from "../domain/image-request.ts";
import type { JobRecord } from "../records.ts";
import type { Owner } from "./draft-edit.ts";
import { draftJob, type Drafting } from "./draft-job.ts";

/** A generation as it is first recorded. */
export function draftGeneration(
  deps: Drafting,
  owner: Owner,
  {
    wish,
    webhook,
  }: {
    wish: ImageWish & { tags?: string[] | undefined; metadata?: Record<string, string> | undefined };
    webhook?: JobRecord["webhook"];
  },
  offer: Offer,
): JobRecord {
  const request = completeWish(wish, offer.capability);
  const { tags, metadata } = wish;
  return draftJob(deps, { ...owner, kind: "generation", offer, request, tags, metadata, webhook });
}
