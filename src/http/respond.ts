import type { HttpResponseInit } from "@azure/functions";
import { AppError, type ErrorCode, errorCodes, type ErrorInfo, type RateLimit } from "../domain/app-error.ts";
import type { ErrorReply, Job } from "../contracts/http-api.ts";

/** The one place where an answer's status is decided by an error's code. */
const statusOf: Record<ErrorCode, number> = {
  invalidRequest: 400,
  contentFilter: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  expired: 410,
  tooLarge: 413,
  unsupportedMedia: 415,
  idempotencyMismatch: 422,
  throttled: 429,
  budgetExceeded: 429,
  deadlineExceeded: 504,
  accountBlocked: 502,
  upstreamRejected: 502,
  upstreamUnavailable: 503,
  internal: 500,
};
const defaultRetryAfterSeconds = 5;

export function respondJson(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): HttpResponseInit {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
}

// What a poller is asked to wait; most single images are done by then. While a job waits nothing can have come of it; but
// those who wait before it may end sooner than expected.
const pollAfterSeconds = 2;
const maxPollAfterSeconds = 60;

function pollAfter({ waiting }: Job): number {
  if (!waiting) return pollAfterSeconds;
  const seconds = Math.ceil((Date.parse(waiting.until) - Date.now()) / 1_000);
  return Math.min(maxPollAfterSeconds, Math.max(pollAfterSeconds, seconds));
}

/** A job that goes on: poll its signed address. The whole job is in the body, for clients that don't poll. */
export function respondAccepted(job: Job, headers: Record<string, string> = {}): HttpResponseInit {
  return respondJson(202, job, {
    ...headers,
    location: job.links.result,
    "retry-after": String(pollAfter(job)),
  });
}

/** Renders whatever a handler threw. An error that isn't an AppError is a bug or an outage: its text stays in the log. */
export function respondError(
  error: unknown,
  requestId: string,
  render: RenderError = renderError,
): HttpResponseInit {
  const failure =
    error instanceof AppError ? error : new AppError("internal", "Something failed on our side.");
  const status = statusOf[failure.code];
  const headers: Record<string, string> = {};
  if (status === 429 || status === 503)
    headers["retry-after"] = String(failure.retryAfterSeconds ?? defaultRetryAfterSeconds);
  if (failure.rateLimit) Object.assign(headers, rateLimitHeaders(failure.rateLimit));
  const coding = failure.violations.find(({ param }) => param === "content-encoding");
  // RFC 9110, 15.5.16: a 415 for a body's coding says which are taken.
  if (status === 415 && coding?.allowed) headers["accept-encoding"] = coding.allowed.join(", ");
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="Darkroom"';
  return respondJson(status, render(failure, requestId), headers);
}

/** The fields RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10) of a limit with nothing left. */
function rateLimitHeaders({ name, quota, windowSeconds, resetSeconds }: RateLimit): Record<string, string> {
  const parameter = (key: string, value: number | undefined) =>
    value === undefined ? "" : `;${key}=${value}`;
  return {
    "ratelimit-policy": `"${name}";q=${quota}${parameter("w", windowSeconds)}`,
    ratelimit: `"${name}";r=0${parameter("t", resetSeconds)}`,
  };
}

/** How a surface words its errors. Their statuses are the same everywhere. */
export type RenderError = (failure: AppError, requestId: string) => object;

/** The error envelope. One broken rule is named at the top; several are listed in `details` as well. */
export function renderError(failure: AppError, requestId: string): ErrorReply {
  const [first] = failure.violations;
  return {
    error: {
      code: failure.code,
      message: failure.detail,
      ...(first && { param: first.param }),
      ...(first?.allowed && { allowed: [...first.allowed] }),
      ...(failure.violations.length > 1 && {
        details: failure.violations.map(({ param, message, allowed }) => ({
          param,
          message,
          ...(allowed && { allowed: [...allowed] }),
        })),
      }),
      retryable: errorCodes[failure.code].retryable,
      request_id: requestId,
    },
  };
}

export function renderFacts({ code, message, retryable }: ErrorInfo, requestId: string): ErrorReply["error"] {
  return { code, message, retryable, request_id: requestId };
}
