import type { ErrorCode, ErrorReply, Job } from "./types.ts";

/** Everything that this client throws, but for what the caller's own `AbortSignal` or `onUpdate` throw. */
export class DarkroomError extends Error {
  override readonly name: string = "DarkroomError";
}

/** The API refused the request, or answered with an error. Fields are those of its error reply. */
export class ApiError extends DarkroomError {
  override readonly name = "ApiError";
  /** HTTP status. */
  readonly status: number;
  /** Undefined where the answer isn't one of Darkroom's own: a proxy's error page. */
  readonly code: ErrorCode | undefined;
  /** The field at fault, as written in the request. */
  readonly param: string | undefined;
  /** What the field may be. */
  readonly allowed: readonly (string | number | boolean)[];
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** From Retry-After. */
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(status: number, reply: ErrorReply["error"] | undefined, retryAfterMs: number | undefined) {
    super(reply?.message ?? `The answer was HTTP ${status}.`);
    this.status = status;
    this.code = reply?.code;
    this.param = reply?.param;
    this.allowed = reply?.allowed ?? [];
    this.retryable = reply?.retryable ?? (status === 429 || status >= 500);
    this.retryAfterMs = retryAfterMs;
    this.requestId = reply?.request_id;
  }
}

/** The job ended without an image: refused, failed or canceled. `job` is all of it. */
export class JobError extends DarkroomError {
  override readonly name = "JobError";
  readonly job: Job;
  /** Undefined on a job that was canceled. */
  readonly code: ErrorCode | undefined;
  readonly retryable: boolean;

  constructor(job: Job) {
    super(job.error?.message ?? `The job was ${job.status}.`);
    this.job = job;
    this.code = job.error?.code;
    this.retryable = job.error?.retryable ?? false;
  }
}

/** No answer came, as often as it was asked for. A job that was accepted goes on meanwhile. */
export class ConnectionError extends DarkroomError {
  override readonly name = "ConnectionError";
}

/** The storage account took no file, and the API says that none is there. */
export class UploadError extends DarkroomError {
  override readonly name = "UploadError";
  /** HTTP status of the storage account. */
  readonly status: number;
  readonly uploadId: string;

  constructor(status: number, uploadId: string) {
    super(`The upload was refused with HTTP ${status}; its link may have expired.`);
    this.status = status;
    this.uploadId = uploadId;
  }
}
