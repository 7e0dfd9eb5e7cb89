import type { ContentFilters, FilterResults, FilterVerdict } from "../../domain/content-filters.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";

/**
 * The verdicts of the service's content filters, which stand beside images, in their stead, and in errors:
 * `prompt_filter_results[].content_filter_results`, `content_filter_results`, `content_filter_result`. Source:
 * azure-rest-api-specs, inference/stable/2024-10-21.
 */
export interface Filtered {
  category: string;
  subject: "prompt" | "image";
}

export function isFilterField(field: string): boolean {
  return /filter_?results?$/i.test(field);
}

/** The categories that were filtered, each once. */
export function filteredIn(field: string, value: unknown): Filtered[] {
  const subject = /^prompt/i.test(field) ? "prompt" : "image";
  const categories = new Set(categoriesIn(value, 0));
  return [...categories].map((category) => ({ category, subject }));
}

const maxDepth = 6;

function categoriesIn(value: unknown, depth: number): string[] {
  if (typeof value !== "object" || value === null || depth > maxDepth) return [];
  if (Array.isArray(value)) return value.flatMap((part) => categoriesIn(part, depth + 1));
  return Object.entries(value).flatMap(([name, result]: [string, unknown]) => {
    if (isFilterField(name)) return categoriesIn(result, depth + 1);
    return isFiltered(result) && /^[\w.-]{1,40}$/.test(name) ? [name] : [];
  });
}

/** What was only detected is let through; where nothing but a detection is told, it stands for the verdict. */
function isFiltered(result: unknown): boolean {
  if (Array.isArray(result)) return result.some(isFiltered);
  if (typeof result !== "object" || result === null) return false;
  if ("filtered" in result && result.filtered !== null) return result.filtered === true;
  return "detected" in result && result.detected === true;
}

const maxCategories = 32;

/**
 * What an entry of a reply, or an error, tells of its content filters, as far as it is to be kept: categories and verdicts,
 * and nothing that a prompt or an operator's block list may hold. Undefined where nothing is told.
 */
export function contentFiltersOf(value: unknown): ContentFilters | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const parsed: [string, unknown][] = Object.entries(value).filter(([field]) => isFilterField(field));
  const [, ofPrompt] = parsed.find(([field]) => /^prompt/i.test(field)) ?? [];
  const [, ofImage] = parsed.find(([field]) => !/^prompt/i.test(field)) ?? [];
  const filters = withoutAbsent({ image: filterResultsIn(ofImage), prompt: filterResultsIn(ofPrompt) });
  return filters.image || filters.prompt ? filters : undefined;
}

function filterResultsIn(value: unknown): FilterResults | undefined {
  // A list holds the prompts of a request, of which there is one.
  const results: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof results !== "object" || results === null) return undefined;
  const nested = Object.entries(results).find(([field]) => isFilterField(field));
  if (nested) return filterResultsIn(nested[1]);
  const verdicts = Object.entries(results).flatMap(([category, result]: [string, unknown]) => {
    const verdict = /^[\w.-]{1,40}$/.test(category) ? verdictOf(result) : undefined;
    return verdict ? [[category, verdict] as const] : [];
  });
  return verdicts.length > 0 ? Object.fromEntries(verdicts.slice(0, maxCategories)) : undefined;
}

function verdictOf(result: unknown): FilterVerdict | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const { severity, detected }: { severity?: unknown; detected?: unknown } = { ...result };
  return withoutAbsent({
    filtered: isFiltered(result),
    severity: typeof severity === "string" && /^[a-z]{1,12}$/i.test(severity) ? severity : undefined,
    detected: typeof detected === "boolean" ? detected : undefined,
  });
}
