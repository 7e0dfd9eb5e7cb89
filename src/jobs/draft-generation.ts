import type { ResolvedDeployment } from "../domain/deployment.ts";
import type { GenerationRequest } from "../contracts/requests.ts";
import type { ImageParams } from "../domain/image-request.ts";
import { toGenerationRequest } from "../domain/model-alias.ts";
import type { Webhooks } from "../ports/deliveries.ts";
import type { JobIds } from "../ports/jobs.ts";
import type { JobRecord } from "../ports/records.ts";
import {
  createJobRecord,
  isAnywhere,
  type JobRecordDeps,
  type Owner,
  type Scheduling,
} from "./create-job-record.ts";
import type { JobQueue } from "./job-queue.ts";
import { readWebhook } from "./read-webhook.ts";

export interface PlaceGenerationDeps extends JobRecordDeps {
  ids: JobIds;
  queue: JobQueue;
  webhooks: Webhooks;
}

/** A job for a checked request, at the deployment of its model with the shortest line. Throws as `readWebhook` does. */
export async function placeGeneration(
  deps: PlaceGenerationDeps,
  caller: string,
  body: GenerationRequest,
  offer: ResolvedDeployment,
): Promise<JobRecord> {
  const webhook = await readWebhook(deps, caller, body);
  const draft = draftGeneration(
    deps,
    { id: deps.ids.next(caller), caller },
    { imageParams: body, webhook },
    offer,
  );
  return deps.queue.place(draft);
}

/** A generation as it is first recorded. */
export function draftGeneration(
  deps: JobRecordDeps,
  owner: Owner,
  {
    imageParams,
    webhook,
  }: {
    imageParams: ImageParams &
      Scheduling & {
        deployment?: string | undefined;
        tags?: string[] | undefined;
        metadata?: Record<string, string> | undefined;
      };
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
    anyDeployment: isAnywhere(imageParams, offer),
    ...recorded,
    scheduling: imageParams,
    tags,
    metadata,
    webhook,
  });
}
