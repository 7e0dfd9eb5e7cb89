import { type FaultFacts, factsOf } from "../domain/fault.ts";
import type { WireError } from "./wire.ts";

/**
 * Every name the service has for "content policy said no": the how-to pages, the wire of DALL-E 3 and of gpt-image, and
 * the oldest API's enumeration.
 */
const refusalCodes = new Set([
  "contentfilter",
  "content_filter",
  "content_policy_violation",
  "responsibleaipolicyviolation",
  "moderation_blocked",
  "blockedimages",
]);

/** A refusal's facts when the error is one, in words of our own: the service's may quote the prompt. */
export function refusalOf(error: WireError): FaultFacts | undefined {
  const inner = error.inner_error ?? error.innererror;
  const codes = [error.code, inner?.code].map((code) => String(code ?? "").toLowerCase());
  if (!codes.some((code) => refusalCodes.has(code))) return undefined;
  const subject = /\bgenerated image\b/i.test(error.message ?? "") ? "the generated image" : "the prompt";
  const categories = Object.entries(inner?.content_filter_results ?? {})
    .filter(([, result]) => isFiltered(result))
    .map(([name]) => name);
  const why = categories.length > 0 ? ` (${categories.join(", ")})` : "";
  return factsOf("contentFilter", `The service's content policy refused ${subject}${why}.`);
}

function isFiltered(result: unknown): boolean {
  return typeof result === "object" && result !== null && "filtered" in result && result.filtered === true;
}
