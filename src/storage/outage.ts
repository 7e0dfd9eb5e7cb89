import { RestError } from "@azure/data-tables";

// A network or a role that is not as it should be is mended without this program, and so is too much work.
const passing = [401, 403, 408, 429];

/** Whether storage was not there, or would not serve us: nothing is wrong with what was asked, and it may be asked again. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof RestError)) return false;
  const { statusCode } = error;
  return statusCode === undefined || statusCode >= 500 || passing.includes(statusCode);
}
