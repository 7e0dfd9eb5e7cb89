import type { ResolvedDeployment } from "../domain/deployment.ts";
import type { ImageParams } from "../domain/image-request.ts";
import { toGenerationRequest } from "../domain/model-alias.ts";
import type { JobRecord } from "../ports/records.ts";
import { createJobRecord, type JobRecordDeps, type Owner, type Scheduling } from "./create-job-record.ts";

/** A generation as it is first recorded. */
export function draftGeneration(
  deps: JobRecordDeps,
  owner: Owner,
  {
    imageParams,
    webhook,
  }: {
    imageParams: ImageParams &
      Scheduling & { tags?: string[] | undefined; metadata?: Record<string, string> | undefined };
    webhook?: JobRecord["webhook"];
  },
  offer: ResolvedDeployment,
): JobRecord {
  const recorded = toGenerationRequest(imageParams, offer);
  const { tags, metadata } = imageParams;
  return createJobRecord(deps, {
    ...owner,
    kind: "generation",
    offer,
    ...recorded,
    scheduling: imageParams,
    tags,
    metadata,
    webhook,
  });
}
