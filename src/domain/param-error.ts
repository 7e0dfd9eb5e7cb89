import { AppError, type ErrorCode } from "./app-error.ts";

/** An error of one input, told by its name: `detail` completes a sentence that begins with it. */
export function partError(
  param: string,
  code: ErrorCode,
  detail: string,
  more: { allowed?: readonly (string | number)[] | undefined; cause?: unknown } = {},
): AppError {
  const message = `${param} ${detail}${/[.!?]$/.test(detail) ? "" : "."}`;
  const violation = { param, message, ...(more.allowed && { allowed: more.allowed }) };
  return new AppError(code, message, { violations: [violation], cause: more.cause });
}

/** Gives a nameless error of a source (a store, a fetched address) the name of the input it belongs to. */
export function withParamName(param: string, error: unknown): unknown {
  const isNameless = error instanceof AppError && error.violations.length === 0 && error.code !== "internal";
  return isNameless ? partError(param, error.code, error.detail, { cause: error }) : error;
}
