import type { Fault } from "../../domain/fault.ts";
import type { FilterResults } from "../../domain/content-filters.ts";
import { viewFilters, whyNot } from "../../job-view.ts";
import { openAiErrors } from "../openai/errors.ts";
import type { ErrorWords } from "../surface.ts";

interface AzureError {
  code: string;
  message: string;
  param?: string | null;
  type?: string;
  inner_error?: { code: string; content_filter_results?: FilterResults };
}

/** Azure's error bodies: OpenAI's, but for what its gateway says before the model is asked, and for refusals. */
export const azureErrors: ErrorWords = {
  render(fault, requestId) {
    const code = azureErrorCode(fault);
    return code === undefined
      ? openAiErrors.render(fault, requestId)
      : { error: { code, message: fault.detail } satisfies AzureError };
  },
  ofFailure(job) {
    const { status, error } = openAiErrors.ofFailure(job);
    const { code, filters } = whyNot(job);
    if (code !== "contentFilter") return { status, error };
    // Without the revised prompt that Azure's holds: what was refused is repeated nowhere.
    const inner_error = { code: "ResponsibleAIPolicyViolation", ...viewFilters(filters) };
    return { status, error: { ...error, inner_error } };
  },
  ofLate: openAiErrors.ofLate,
};

/** The code of an error that Azure's gateway would have found, which it repeats in a header. */
export function azureErrorCode({ code, violations: [first] }: Fault): string | undefined {
  if (code === "unauthorized") return "401";
  if (code === "notFound") return first?.param === "model" ? "DeploymentNotFound" : "404";
  return undefined;
}
