import { type AppError, errorCodes, type ErrorInfo } from "../../domain/app-error.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { ConnectorError, CreatedImages, ImageJob, ImageOutcome, ImageResult } from "./schemas.ts";
import { inConnectorWords } from "./request-mapping.ts";
import type { Job } from "../../contracts/http-api.ts";

/** What the job core shows, in the connector's words: flat, in camelCase, absent facts left out. */

export type ResultImage = ImageResult["images"][number];

type ShownJob = Omit<Job, "images" | "links">;

export function toImageResult(job: ShownJob, images: ResultImage[]): ImageResult {
  const { usage } = job;
  return withoutAbsent({
    jobId: job.id,
    status: job.status,
    model: job.model,
    deployment: job.deployment,
    createdOn: job.created_at,
    finishedOn: job.finished_at,
    images,
    failures: job.failures.map(({ index, code, message }) => ({ index, code, message })),
    usage: usage && {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      totalTokens: usage.total_tokens,
    },
  });
}

export function toImageJob(job: ShownJob, images: ResultImage[]): ImageJob {
  return { ...toImageResult(job, images), progress: job.progress };
}

/** `error` says why an end was no success. */
export function toImageOutcome(
  job: ShownJob,
  images: ResultImage[],
  failure: ErrorInfo | undefined,
): ImageOutcome {
  const error = failure && {
    code: failure.code,
    message: inConnectorWords(failure.message),
    retryable: failure.retryable,
  };
  return withoutAbsent({ ...toImageResult(job, images), error });
}

/** The images of a job as the trigger tells them: each stands for itself. */
export function toCreatedImages(job: ImageResult): CreatedImages["value"] {
  const { jobId, model, deployment, createdOn, finishedOn } = job;
  return job.images.map((image) =>
    withoutAbsent({ jobId, model, deployment, createdOn, finishedOn, ...image }),
  );
}

export function toConnectorError(
  { code, detail, violations }: Pick<AppError, "code" | "detail" | "violations">,
  requestId: string,
): ConnectorError {
  const param = violations[0]?.param;
  return {
    error: {
      code,
      message: inConnectorWords(detail),
      ...(param !== undefined && { param: inConnectorWords(param) }),
      retryable: errorCodes[code].retryable,
      requestId,
    },
  };
}

/** Why a job made nothing. What happened to a job is not the request's doing, so no field is at fault. */
export function toJobError({ code, message }: ErrorInfo, requestId: string): ConnectorError {
  return toConnectorError({ code, detail: message, violations: [] }, requestId);
}
