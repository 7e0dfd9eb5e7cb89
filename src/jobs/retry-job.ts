import { inputBlobPrefix } from "../domain/blob-name.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { AppError } from "../domain/app-error.ts";
import type { IdempotencyKey } from "../domain/idempotency.ts";
import type { HttpResponseInit } from "@azure/functions";
import type { UploadStore } from "../ports/inputs.ts";
import type { EditInputs, JobRecord, StoredInput } from "../ports/records.ts";
import { acceptJob, type AcceptJobDeps, answerReplay, type Submission } from "./accept-job.ts";
import { createJobRecord, type JobRecordDeps } from "./create-job-record.ts";
import { findReplay } from "./replay-original.ts";

export interface RetryJobDeps extends AcceptJobDeps, JobRecordDeps {
  offers: readonly ResolvedDeployment[];
  uploads: UploadStore;
}

/**
 * Another job that asks for what a failed one asked for, with copies of its inputs, and for the same caller. Asked again, it is
 * the same other job: the failed one's id is its idempotency key. Throws `conflict` for a job that did not fail, or whose failure
 * the same request would meet again, and `expired` when its inputs are gone.
 */
export async function retryJob(
  deps: RetryJobDeps,
  failed: JobRecord,
  by: Omit<Submission, "idempotencyKey" | "withdraw">,
): Promise<HttpResponseInit> {
  const offer = requireRetryable(deps, failed);
  const { caller, kind, request, requested, tags, metadata, webhook, priority } = failed;
  const tag = deps.ids.tagOf(caller);
  const idempotencyKey: IdempotencyKey = {
    ...{ kind: "key", tag, name: `retry-${failed.id}`, bodyHash: failed.id },
  };
  const replay = await findReplay(deps, idempotencyKey);
  if (replay) return answerReplay(deps, replay, by);
  const id = deps.ids.next(caller);
  const withdraw = () => deps.uploads.removeAll(inputBlobPrefix(id));
  try {
    const inputs = failed.inputs && (await copyInputs(deps.uploads, failed.inputs, id));
    const job = createJobRecord(deps, {
      ...{ id, caller, kind, offer, request, tags, metadata, inputs, webhook },
      ...(requested && { requested }),
      scheduling: { priority },
    });
    return await acceptJob(deps, job, { ...by, idempotencyKey, withdraw });
  } catch (error) {
    if (error instanceof AppError) await withdraw();
    throw error;
  }
}

function requireRetryable({ offers }: RetryJobDeps, job: JobRecord): ResolvedDeployment {
  if (job.status !== "failed")
    throw new AppError("conflict", `This job is ${job.status}; only a failed one can be retried.`);
  if (job.failure?.code === "contentFilter")
    throw new AppError("conflict", "Content policy refused this job; a retry would ask for the same again.");
  if (job.kind === "edit" && !job.inputs)
    throw new AppError("conflict", "The inputs of this job never came, or were refused; send it again.");
  const offer = offers.find(({ deployment, alias }) => !alias && deployment.name === job.deployment);
  if (!offer) throw new AppError("conflict", `Deployment ${job.deployment} is not configured any more.`);
  return offer;
}

/** Copies of its own: the failed job's go with that job. */
async function copyInputs(
  uploads: UploadStore,
  { images, mask }: EditInputs,
  id: string,
): Promise<EditInputs> {
  const copy = async (input: StoredInput): Promise<StoredInput> => {
    const bytes = await uploads.open({ container: "uploads", blob: input.blob });
    if (!bytes)
      throw new AppError("expired", "The inputs of this job are kept for a day, and gone; send it again.");
    const blob = `${inputBlobPrefix(id)}${input.blob.slice(input.blob.indexOf("/") + 1)}`;
    await uploads.write(blob, bytes);
    return { ...input, blob };
  };
  const copied: StoredInput[] = [];
  for (const image of images) copied.push(await copy(image));
  return { images: copied, ...(mask && { mask: await copy(mask) }) };
}
