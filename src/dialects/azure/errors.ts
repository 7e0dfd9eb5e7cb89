import type { Fault } from "../../domain/fault.ts";
import { whyNot } from "../../job-view.ts";
import { openAiErrors } from "../openai/errors.ts";
import type { ErrorWords } from "../surface.ts";

interface AzureError {
  code: string;
  message: string;
  param?: string | null;
  type?: string;
  inner_error?: { code: string };
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
    const isRefusal = whyNot(job).code === "contentFilter";
    return {
      status,
      error: { ...error, ...(isRefusal && { inner_error: { code: "ResponsibleAIPolicyViolation" } }) },
    };
  },
  ofLate: openAiErrors.ofLate,
};

/** The code of an error that Azure's gateway would have found, which it repeats in a header. */
export function azureErrorCode({ code, violations: [first] }: Fault): string | undefined {
  if (code === "unauthorized") return "401";
  if (code === "notFound") return first?.param === "model" ? "DeploymentNotFound" : "404";
  return undefined;
}
