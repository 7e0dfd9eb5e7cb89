import { type AppError, errorCodes, type ErrorInfo } from "../../domain/app-error.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { ConnectorError, CreatedImages, ImageJob, ImageResult } from "./schemas.ts";
import { inConnectorWords } from "./request-mapping.ts";
import { titleOfField } from "./field-titles.ts";
import type { Job } from "../../contracts/http-api.ts";

/** What the job core shows, in the connector's words: flat, in camelCase, absent facts left out. */

export type ResultImage = ImageResult["images"][number];

type ShownJob = Omit<Job, "images" | "links"> & { prompt: string };

/** A job that has ended, in whatever way. `failure` says why an end was no success. */
export function toImageResult(
  job: ShownJob,
  images: ResultImage[],
  failure: ErrorInfo | undefined,
): ImageResult {
  const { usage } = job;
  const [first] = images;
  return withoutAbsent({
    ...toJobFacts(job),
    status: job.status,
    imageId: first?.imageId,
    imageUrl: first?.url,
    fileName: first?.fileName,
    contentType: first?.contentType,
    contentBytes: first?.contentBytes,
    images,
    failures: job.failures.map(({ index, code, message }) => ({ index, code, message })),
    error: failure && {
      code: failure.code,
      message: inConnectorWords(failure.message),
      retryable: failure.retryable,
    },
    usage: usage && {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      totalTokens: usage.total_tokens,
    },
  });
}

export function toImageJob(job: ShownJob, images: ResultImage[], failure: ErrorInfo | undefined): ImageJob {
  const { progress, waiting, estimated_end: estimatedEnd } = job;
  return withoutAbsent({ ...toImageResult(job, images, failure), progress, waiting, estimatedEnd });
}

function toJobFacts(job: ShownJob) {
  return withoutAbsent({
    jobId: job.id,
    kind: job.kind,
    prompt: job.prompt,
    model: job.model,
    deployment: job.deployment,
    tags: job.tags,
    metadata: job.metadata,
    createdOn: job.created_at,
    finishedOn: job.finished_at,
    cost: job.cost,
  });
}

/** The images of a job as the trigger tells them: each stands for itself. */
export function toCreatedImages(job: ShownJob, images: ResultImage[]): CreatedImages["value"] {
  return images.map((image) => ({ ...toJobFacts(job), ...image }));
}

/** An author knows a field by its title, so the message begins with that. */
export function toConnectorError(
  { code, detail, violations }: Pick<AppError, "code" | "detail" | "violations">,
  requestId: string,
): ConnectorError {
  const param = violations[0]?.param;
  const message = inConnectorWords(detail);
  const title = param === undefined ? undefined : titleOfField(inConnectorWords(param));
  return {
    error: {
      code,
      message: title === undefined ? message : `${title}: ${message}`,
      ...(param !== undefined && { param: inConnectorWords(param) }),
      retryable: errorCodes[code].retryable,
      requestId,
    },
  };
}

/** Why a job made nothing. What happened to a job is not the request's doing, so no field is at fault. */
export function toJobError({ code, message }: ErrorInfo, requestId: string, jobId: string): ConnectorError {
  const { error } = toConnectorError({ code, detail: message, violations: [] }, requestId);
  return { error: { ...error, jobId } };
}
