import { type ErrorInfo, errorInfo } from "../../domain/app-error.ts";
import type { ContentFilters } from "../../domain/content-filters.ts";
import { contentFiltersOf, filteredIn, isFilterField, type Filtered } from "./filter-results.ts";
import { readErrorBody, type ErrorBody } from "./error-body.ts";

/**
 * Every name the service has for "content policy said no": the how-to pages, the wire of DALL-E 3 and of gpt-image, the
 * oldest API's enumeration, DALL-E 2 at OpenAI, and MAI (microsoft/PyRIT #1890).
 */
const refusalNames = new Set([
  "contentfilter",
  "contentpolicyviolation",
  "responsibleaipolicyviolation",
  "moderationblocked",
  "blockedimages",
  "contentsafetyviolation",
  "taskfailedtextsafetysystem",
]);

/**
 * Sentences of refusals that come without a code (TheoKanning/openai-java #446, zhayujie/CowAgent #409,
 * danny-avila/LibreChat #4508). A rule is named and a verdict is given: one alone is a link to the policy, or an error of
 * the filter's settings.
 */
const rules =
  /content[ -](management )?polic(y|ies)|content[ -]filter(s|ing)?\b(?! (config|setting|parameter|name|id\b))|responsible ai|safety (system|polic|filter|guardrail)|content moderation/i;
const verdicts =
  /block|reject|refus|filtered|flagged|violat|trigger|disallow|not allowed|against|unsafe|inappropriate|as a result of/i;
const otherMatters =
  /\bquota\b|rate limit|unknown|unsupported|invalid|missing|\baccount\b|\bresource has been\b/i;
// An answer with one of these is about something else, whatever words it uses.
const statusesOfOthers = new Set([401, 402, 404, 408, 409, 424, 429]);

export function isRefusedByName({ names, filters }: ErrorBody): boolean {
  return filters.length > 0 || names.some((name) => refusalNames.has(name));
}

/** Believed of a request that was turned down only: a page of a gateway and a broken server use such words as well. */
export function isRefusedByWords({ status = 400, sentences, isPage, names }: ErrorBody): boolean {
  if (status < 400 || status >= 500 || statusesOfOthers.has(status)) return false;
  if (names.includes("servererror") || (isPage && sentences.some((text) => /<\/?[a-z]+/i.test(text))))
    return false;
  return sentences.some((text) => rules.test(text) && verdicts.test(text) && !otherMatters.test(text));
}

/** A refusal in words of our own: the service's may quote the prompt. */
export function refusal({
  sentences,
  filters,
  verdicts,
}: Pick<ErrorBody, "sentences" | "filters" | "verdicts">): ErrorInfo {
  const isOfImage = sentences.some((text) => /\bgenerated image\b/i.test(text));
  return refusalFor(isOfImage ? "the generated image" : "the prompt", filters, verdicts);
}

/**
 * A refusal's facts when the error is one, wherever in the error that is said.
 *
 * @param prompt a quotation of it is not taken for the service's words
 */
export function refusalOf(error: unknown, prompt = ""): ErrorInfo | undefined {
  const errorBody = readErrorBody(error, prompt);
  return isRefusedByName(errorBody) || isRefusedByWords(errorBody) ? refusal(errorBody) : undefined;
}

/**
 * A refusal's facts when a reply, or an item of one, says in its own filter results that something was filtered. To be
 * asked only of what has no picture: a picture that came was let through.
 */
export function refusalOfFilters(value: unknown): ErrorInfo | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const filters = Object.entries(value).flatMap(([field, results]) =>
    isFilterField(field) ? filteredIn(field, results) : [],
  );
  if (filters.length === 0) return undefined;
  const isOfPrompt = filters.some(({ subject }) => subject === "prompt");
  return refusalFor(isOfPrompt ? "the prompt" : "the generated image", filters, contentFiltersOf(value));
}

function refusalFor(
  subject: string,
  filters: readonly Filtered[],
  verdicts: ContentFilters | undefined,
): ErrorInfo {
  const categories = [...new Set(filters.map(({ category }) => category))];
  const why = categories.length > 0 ? ` (${categories.join(", ")})` : "";
  const facts = errorInfo("contentFilter", `The service's content policy refused ${subject}${why}.`);
  return verdicts ? { ...facts, filters: verdicts } : facts;
}
