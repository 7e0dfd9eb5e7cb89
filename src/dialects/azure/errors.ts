import type { AppError } from "../../domain/app-error.ts";
import { viewFilters, failureOf } from "../../jobs/job-view.ts";
import { openAiErrors } from "../openai/errors.ts";
import type { ErrorWords } from "../surface.ts";
import type { AzureErrorReply } from "./shapes.ts";

/** Azure's error bodies: OpenAI's, but for what its gateway says before the model is asked, and for refusals. */
export const azureErrors: ErrorWords = {
  render(failure, requestId) {
    const code = azureErrorCode(failure);
    return code === undefined
      ? openAiErrors.render(failure, requestId)
      : ({ error: { code, message: failure.detail } } satisfies AzureErrorReply);
  },
  ofFailure(job) {
    const { status, error } = openAiErrors.ofFailure(job);
    const { code, filters } = failureOf(job);
    if (code !== "contentFilter") return { status, error };
    // Without the revised prompt that Azure's holds: what was refused is repeated nowhere.
    const inner_error = { code: "ResponsibleAIPolicyViolation", ...viewFilters(filters) };
    return { status, error: { ...error, inner_error } };
  },
  ofLate: openAiErrors.ofLate,
};

/** The code of an error that Azure's gateway would have found, which it repeats in a header. */
export function azureErrorCode({ code, violations: [first] }: AppError): string | undefined {
  if (code === "unauthorized") return "401";
  if (code === "notFound") return first?.param === "model" ? "DeploymentNotFound" : "404";
  return undefined;
}
