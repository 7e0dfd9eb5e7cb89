import { Fault, type FaultCode } from "../domain/fault.ts";

/** A fault of one input, told by its name: `detail` completes a sentence that begins with it. */
export function partFault(
  param: string,
  code: FaultCode,
  detail: string,
  more: { allowed?: readonly (string | number)[] | undefined; cause?: unknown } = {},
): Fault {
  const message = `${param} ${detail}${/[.!?]$/.test(detail) ? "" : "."}`;
  const violation = { param, message, ...(more.allowed && { allowed: more.allowed }) };
  return new Fault(code, message, { violations: [violation], cause: more.cause });
}

/** Gives a nameless fault of a source (a store, a fetched address) the name of the input it belongs to. */
export function namePart(param: string, error: unknown): unknown {
  const isNameless = error instanceof Fault && error.violations.length === 0 && error.code !== "internal";
  return isNameless ? partFault(param, error.code, error.detail, { cause: error }) : error;
}
