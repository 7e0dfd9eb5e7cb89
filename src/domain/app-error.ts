import type { ContentFilters } from "./content-filters.ts";

/**
 * Everything that can go wrong, in one table. A code says what happened; the table says whether asking again may help.
 * Codes appear in HTTP errors and in a job's `failures`; they are part of the public contract.
 */
export const errorCodes = {
  invalidRequest: { retryable: false },
  contentFilter: { retryable: false },
  unauthorized: { retryable: false },
  forbidden: { retryable: false },
  notFound: { retryable: false },
  conflict: { retryable: false },
  expired: { retryable: false },
  tooLarge: { retryable: false },
  unsupportedMedia: { retryable: false },
  idempotencyMismatch: { retryable: false },
  throttled: { retryable: true },
  budgetExceeded: { retryable: false },
  deadlineExceeded: { retryable: true },
  accountBlocked: { retryable: false },
  upstreamRejected: { retryable: false },
  upstreamUnavailable: { retryable: true },
  internal: { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** One rule of the contract that a request broke. `param` is the field's path as the caller wrote it. */
export interface Violation {
  param: string;
  message: string;
  allowed?: readonly (string | number | boolean)[];
}

/** A reason as it is stored and shown: no prompt, key or link ever stands in `message`. */
export interface ErrorInfo {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  /** Of a refusal, where the service says which of its filters found what. */
  filters?: ContentFilters;
}

/** A limit that is used up. */
export interface RateLimit {
  /** Letters and hyphens. */
  name: string;
  quota: number;
  /** Of a limit of a stretch of time: how long that is, and when it begins anew. */
  windowSeconds?: number;
  resetSeconds?: number;
}

interface AppErrorOptions {
  violations?: readonly Violation[];
  /** When asking again may help, where that is known. */
  retryAfterSeconds?: number;
  rateLimit?: RateLimit;
  cause?: unknown;
}

/**
 * The one error class. Thrown where an error is born, rendered once at the edge.
 *
 * The message starts with the code: a durable activity's error reaches the orchestration as text only, and
 * `activityErrorInfo` reads the code back from it.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;
  readonly rateLimit: RateLimit | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    { violations = [], retryAfterSeconds, rateLimit, cause }: AppErrorOptions = {},
  ) {
    super(`${code}: ${detail}`, { cause });
    this.name = "AppError";
    this.code = code;
    this.detail = detail;
    this.violations = violations;
    this.retryAfterSeconds = retryAfterSeconds;
    this.rateLimit = rateLimit;
  }
}

/**
 * A fault of the image service that trying again may cure. `mayBeBilled` when nobody knows whether the service went on
 * to make the images: a cut connection, a time-out, an answer that makes no sense.
 */
export class UpstreamError extends AppError {
  readonly mayBeBilled: boolean;

  constructor(detail: string, { mayBeBilled, cause }: { mayBeBilled: boolean; cause?: unknown }) {
    super("upstreamUnavailable", detail, { cause });
    this.mayBeBilled = mayBeBilled;
  }
}

/**
 * Darkroom's own clock cut the call off, or its client's did. No fault of the service: the same call would run into the
 * same clock again. `afterSeconds` is how long was waited, where that is known.
 */
export class OwnTimeout extends UpstreamError {
  constructor(afterSeconds?: number, cause?: unknown) {
    const after = afterSeconds === undefined ? "" : ` after ${afterSeconds} s`;
    const detail = `Darkroom stopped waiting for the service${after}; the call was sent and may have been billed`;
    super(detail, { mayBeBilled: true, cause });
  }
}

const storageFailure = "storageFailure";

/**
 * What a durable step throws when our own storage failed it: the orchestration runs it again for as long as its job may
 * take. It is no code of the public contract, and holds nothing of what was asked.
 */
export class StorageFailure extends Error {
  constructor(cause: unknown) {
    const what = cause instanceof Error ? cause.name : "unknown";
    super(`${storageFailure}: storage did not serve a step (${what})`, { cause });
    this.name = "StorageFailure";
  }
}

export function errorInfo(code: ErrorCode, message: string): ErrorInfo {
  return { code, message, retryable: errorCodes[code].retryable };
}

/** An error for one or more broken rules; the message holds them all, so that a log line or a toast is enough. */
export function invalidRequest(
  violations: readonly Violation[],
  lead?: string,
  code: ErrorCode = "invalidRequest",
): AppError {
  const messages = violations.map(({ message }) => message);
  return new AppError(code, [...(lead === undefined ? [] : [lead]), ...messages].join(" "), {
    violations,
  });
}

/**
 * What an activity threw, seen from its orchestration: the host wraps the message as
 * "Activity function 'x' failed:  <message> \n <details>", so only our own leading code is looked for.
 */
export function activityErrorInfo(error: unknown): ErrorInfo {
  const { code, detail } = readActivityError(error);
  if (code !== undefined && isErrorCode(code)) return errorInfo(code, detail ?? code);
  return errorInfo("internal", "An internal step failed and was given up.");
}

/** Whether an activity failed by a StorageFailure, seen from its orchestration. */
export function isStorageFailure(error: unknown): boolean {
  return readActivityError(error).code === storageFailure;
}

function readActivityError(error: unknown): { code?: string | undefined; detail?: string | undefined } {
  const text = error instanceof Error ? error.message : "";
  const [, code, detail] = /failed:\s+(\w+): ([^\n]+)/.exec(text) ?? [];
  return { code, detail: detail?.trim() };
}

/** Whether the error lies in what was asked or sent: asking again without a change would end the same. */
export function isOfRequest(code: ErrorCode): boolean {
  return ["invalidRequest", "tooLarge", "unsupportedMedia", "conflict", "notFound", "expired"].includes(code);
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}
