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
