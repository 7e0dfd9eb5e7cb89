import { ServiceError } from "./service-error.ts";
import type { Dialect } from "./wire.ts";

interface Words {
  readonly azure: string;
  readonly openai: string;
  readonly message: string;
}

/** What the service says with each status. [A4] for the codes, [Q10] for "429", [Q14] for the blocked account. */
const wordsByStatus: Readonly<Record<number, Words>> = {
  401: {
    azure: "401",
    openai: "invalid_api_key",
    message:
      "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
  },
  403: {
    azure: "Forbidden",
    openai: "Forbidden",
    message:
      "Your resource has been temporarily blocked because we detected behavior that may violate our content policy.",
  },
  404: { azure: "404", openai: "not_found", message: "Resource not found" },
  408: { azure: "Timeout", openai: "timeout", message: "The operation was timeout." },
  409: { azure: "Conflict", openai: "conflict", message: "The request conflicts with another one." },
  429: {
    azure: "429",
    openai: "rate_limit_exceeded",
    message:
      "Requests to the ImageGenerations_Create Operation under Azure OpenAI API have exceeded the call rate limit of your current OpenAI S0 pricing tier. Please retry later.",
  },
  500: {
    azure: "InternalServerError",
    openai: "server_error",
    message: "The server had an error processing your request. Sorry about that!",
  },
  502: { azure: "BadGateway", openai: "server_error", message: "Bad gateway." },
  503: {
    azure: "ServiceUnavailable",
    openai: "server_error",
    message: "The service is temporarily unable to process your request. Please try again later.",
  },
  504: { azure: "Timeout", openai: "timeout", message: "The request timed out at the gateway." },
};

export function statusError(dialect: Dialect, status: number, code?: string, message?: string): ServiceError {
  const words = wordsByStatus[status];
  const usual = dialect === "openai" ? words?.openai : words?.azure;
  return new ServiceError(
    status,
    code ?? usual ?? String(status),
    message ?? words?.message ?? `Status ${status}.`,
  );
}
