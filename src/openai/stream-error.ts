import { APIError } from "openai";
import { UpstreamFault } from "../domain/fault.ts";
import type { UpstreamReply } from "../ports.ts";
import { safeReason, sortError } from "./faults.ts";
import { refusalOf } from "./refusal.ts";
import type { WireError } from "./wire.ts";

// The codes that stand for one status, in lower case.
const statuses = new Map([
  ["rate_limit_exceeded", 429],
  ["toomanyrequests", 429],
  ["insufficient_quota", 429],
  ["billing_hard_limit_reached", 429],
  ["billing_not_active", 429],
  ["forbidden", 403],
]);
const typesOfBadRequests = new Set(["invalid_request_error", "image_generation_user_error"]);
// Whatever these mean to an answer that never began, this one had.
const unclear = new Set([401, 408, 409]);

/**
 * Sorts an error that was told in the middle of a stream by the rules of one that was told in place of it. The status
 * that those go by is read from the error itself; where none can be, or it blames the service, nobody knows what the
 * service went on to do.
 *
 * @param prompt never to appear in a message
 */
export function sortStreamError(
  error: WireError,
  prompt: string,
  now: Date,
): Exclude<UpstreamReply, { kind: "images" }> {
  const refusal = refusalOf(error);
  if (refusal) return { kind: "refused", fault: refusal };
  const status = statusOf(error);
  if (status === undefined || status < 400 || status >= 500 || unclear.has(status)) {
    throw new UpstreamFault(`the service broke its stream off: ${safeReason(error, prompt)}`, {
      mayBeBilled: true,
    });
  }
  return sortError(APIError.generate(status, { error }, undefined, new Headers()), prompt, now);
}

function statusOf({ code, status, type }: WireError): number | undefined {
  const named = statuses.get(String(code ?? "").toLowerCase());
  if (named !== undefined) return named;
  const numbers = [status, code].map(Number).filter((number) => number >= 100 && number < 600);
  return numbers[0] ?? (typesOfBadRequests.has(type ?? "") ? 400 : undefined);
}
