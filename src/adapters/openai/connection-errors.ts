import { APIConnectionTimeoutError } from "openai";
import { errorInfo, OwnTimeout, UpstreamError } from "../../domain/app-error.ts";
import type { Settled } from "./sorting-rules.ts";

// Errors of a connection that never came to be: nothing was sent, so nothing was billed.
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
// The clocks of undici, which is fetch.
const clientClocks = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** What is known of the call whose connection ended. */
export interface SentCall {
  /** The call's own signal: aborted by a time-out of ours, the end is no fault of the service. */
  signal?: AbortSignal;
  sentAt?: Date;
}

/** A connection that never came to be is no doubt about a bill; one that broke is. */
export function sortConnectionError(error: unknown, now: Date, { signal, sentAt }: SentCall): Settled {
  const code = causeCode(error);
  const tail = code === undefined ? "" : ` (${code})`;
  if (code !== undefined && neverSent.has(code)) {
    const failure = errorInfo("upstreamUnavailable", `The service could not be reached${tail}.`);
    return { kind: "unavailable", failure, retryAfterMs: 0, mayBeBilled: false };
  }
  const isClient =
    error instanceof APIConnectionTimeoutError || (code !== undefined && clientClocks.has(code));
  if (isClient || isTimeout(signal)) {
    const seconds = sentAt && Math.round((now.getTime() - sentAt.getTime()) / 1_000);
    throw new OwnTimeout(seconds, error);
  }
  throw new UpstreamError(`the connection broke before the answer was whole${tail}`, {
    mayBeBilled: true,
    cause: error,
  });
}

/** Whether a signal was aborted by `AbortSignal.timeout`, rather than by somebody who had enough. */
function isTimeout(signal: AbortSignal | undefined): boolean {
  const reason: unknown = signal?.aborted ? signal.reason : undefined;
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** Node wraps socket errors: the code that tells stands somewhere down the chain of causes. */
function causeCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
  }
  return undefined;
}
