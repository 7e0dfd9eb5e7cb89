import type { AppError, ErrorCode } from "../../domain/app-error.ts";
import { failureOf } from "../../jobs/job-view.ts";
import type { JobRecord } from "../../ports/records.ts";
import type { ErrorWords } from "../surface.ts";
import type { OpenAiErrorReply } from "./shapes.ts";

const shapes: Record<ErrorCode, { type: string; code: string | null }> = {
  invalidRequest: { type: "invalid_request_error", code: "invalid_value" },
  contentFilter: { type: "invalid_request_error", code: "content_policy_violation" },
  unauthorized: { type: "invalid_request_error", code: "invalid_api_key" },
  forbidden: { type: "invalid_request_error", code: "insufficient_permissions" },
  notFound: { type: "invalid_request_error", code: "not_found" },
  conflict: { type: "invalid_request_error", code: "conflict" },
  expired: { type: "invalid_request_error", code: "expired" },
  tooLarge: { type: "invalid_request_error", code: "request_too_large" },
  unsupportedMedia: { type: "invalid_request_error", code: "unsupported_media_type" },
  idempotencyMismatch: { type: "idempotency_error", code: "idempotency_key_in_use" },
  throttled: { type: "rate_limit_error", code: "rate_limit_exceeded" },
  budgetExceeded: { type: "insufficient_quota", code: "insufficient_quota" },
  deadlineExceeded: { type: "timeout_error", code: "timeout" },
  accountBlocked: { type: "insufficient_quota", code: "billing_hard_limit_reached" },
  upstreamRejected: { type: "invalid_request_error", code: "upstream_rejected" },
  upstreamUnavailable: { type: "server_error", code: "upstream_unavailable" },
  internal: { type: "server_error", code: "server_error" },
};

function renderOpenAiError({ code, detail, violations: [first] }: AppError): OpenAiErrorReply {
  const shape = shapes[code];
  const isModel = code === "notFound" && first?.param === "model";
  return {
    error: {
      message: detail,
      param: first?.param ?? null,
      ...shape,
      ...(isModel && { code: "model_not_found" }),
    },
  };
}

/**
 * What a job that made nothing is answered with. Never a status that clients repeat (408, 409, 429, 5xx): Darkroom has tried
 * as often as is of use, and a client without ids would order another job.
 */
function jobFailure(job: JobRecord): { status: number } & OpenAiErrorReply {
  const { code, message } = failureOf(job);
  const error = { message: `${message} (Darkroom job ${job.id})`, param: null };
  if (code === "contentFilter")
    return { status: 400, error: { ...error, ...refusalOf(job.requested?.model ?? job.model) } };
  const isOfRequest = code === "invalidRequest" || code === "upstreamRejected";
  const status = isOfRequest ? 400 : code === "accountBlocked" ? 403 : code === "expired" ? 410 : 422;
  return { status, error: { ...error, ...shapes[code] } };
}

/** As each family of models words its refusals. */
function refusalOf(model: string): { type: string; code: string } {
  return model.startsWith("dall-e")
    ? { type: "invalid_request_error", code: "content_policy_violation" }
    : { type: "image_generation_user_error", code: "moderation_blocked" };
}

/** The wait is over and the job isn't. Clients repeat a 504, and the retry joins the job. */
function stillRunning(jobId: string): OpenAiErrorReply {
  const message = `Darkroom job ${jobId} goes on. Send the request again to wait for it: it joins this job and is not billed again.`;
  return { error: { message, param: null, ...shapes.deadlineExceeded } };
}

export const openAiErrors: ErrorWords = {
  render: renderOpenAiError,
  ofFailure: jobFailure,
  ofLate: stillRunning,
};
