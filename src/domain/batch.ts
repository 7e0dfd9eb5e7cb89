import { AppError, errorCodes, type ErrorInfo, errorInfo } from "./app-error.ts";
import type { JobStatus } from "./image-job.ts";

/** A list of generation requests, each of which becomes a job of its own. */

export const batchFormats = ["json", "jsonl", "csv"] as const;
export type BatchFormat = (typeof batchFormats)[number];

/** Of one batch. */
export const maxBatchLines = 1_000;
export const maxBatchBytes = 8 * 1024 * 1024;
// Those who write one batch at a time: a timer or two, and a request or two.
export const maxWriteRounds = 8;

/** Why a line is no job: `param` is the field at fault. */
export interface LineError extends ErrorInfo {
  param?: string | undefined;
  allowed?: readonly (string | number | boolean)[] | undefined;
}

/** How the job of a line ended; `deleted` when it is gone. */
export type LineEnd = Extract<JobStatus, "succeeded" | "failed" | "canceled"> | "deleted";

/**
 * What became of one line. `waiting`: it is to be accepted. `accepted`: it has a job, of this batch or of an earlier version of its
 * file. `refused` and `canceled`: it gets none.
 */
export type BatchLine = { line: number } & (
  | { state: "waiting" }
  | { state: "accepted"; jobId: string; end?: LineEnd }
  | { state: "refused"; error: LineError }
  | { state: "canceled" }
);

export type LineOf<State extends BatchLine["state"]> = Extract<BatchLine, { state: State }>;

export function isWaiting(line: BatchLine): line is LineOf<"waiting"> {
  return line.state === "waiting";
}

/** Whether a line has a job that goes on. */
export function isOpen(line: BatchLine): line is LineOf<"accepted"> {
  return line.state === "accepted" && line.end === undefined;
}

/** The lines with some of them replaced. */
export function withLines(lines: readonly BatchLine[], changed: readonly BatchLine[]): BatchLine[] {
  const byLine = new Map(changed.map((line) => [line.line, line]));
  return lines.map((line) => byLine.get(line.line) ?? line);
}

/** A refusal as it is kept. Only the first of several broken rules names its field. */
export function lineError(error: AppError): LineError {
  const [first] = error.violations;
  return {
    ...errorInfo(error.code, error.detail),
    ...(first && { param: first.param, allowed: first.allowed }),
  };
}

export type BatchStatus = "running" | "succeeded" | "failed" | "canceled";

/** A batch has succeeded once all its lines have ended, whatever came of each; it fails when it could not be read as one. */
export function statusOf(batch: {
  finishedAt?: string;
  canceledAt?: string;
  failure?: ErrorInfo | undefined;
}): BatchStatus {
  if (batch.failure) return "failed";
  if (batch.finishedAt === undefined) return "running";
  return batch.canceledAt === undefined ? "succeeded" : "canceled";
}

/** What becomes of a line that met an error: `refused` for good, or `waiting`, as it has no room yet. Undefined: it isn't about the line. */
export function afterError(line: number, error: unknown): BatchLine | undefined {
  if (!(error instanceof AppError) || error.code === "internal") return undefined;
  return errorCodes[error.code].retryable
    ? { line, state: "waiting" }
    : { line, state: "refused", error: lineError(error) };
}
