import { isRestError } from "@azure/core-rest-pipeline";

// A network or a role that is not as it should be is mended without this program, and so is too much work.
const passing = [401, 403, 408, 429];
// The request itself is at fault: storage would answer it alike whenever it is asked.
const permanent = [400, 405, 411, 413, 414, 416];

/** Whether storage was not there, or would not serve us: nothing is wrong with what was asked, and it may be asked again. */
export function isOutage(error: unknown): boolean {
  if (isOwnTimeout(error)) return true;
  if (!isRestError(error)) return false;
  const { statusCode } = error;
  // An answer below 400 that is an error all the same was cut short, or no answer of storage's.
  return statusCode === undefined || statusCode < 400 || statusCode >= 500 || passing.includes(statusCode);
}

/**
 * Whether a durable step that failed with this may be run again until its job's deadline. A step knows the conflicts that
 * it can settle; a 404, 409 or 412 that reaches its caller is storage's own confusion.
 */
export function isStorageFailure(error: unknown): boolean {
  if (isOutage(error)) return true;
  return isRestError(error) && !permanent.includes(error.statusCode ?? 0);
}

/** Requests to storage are cut by a clock of ours, and by nothing else: nobody cancels one. */
function isOwnTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
