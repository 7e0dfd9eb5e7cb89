import { APIError } from "openai";
import { factsOf, Fault, UpstreamFault } from "../domain/fault.ts";
import type { UpstreamReply } from "../ports.ts";
import { refusalOf } from "./refusal.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import { type WireError, wireError } from "./wire.ts";

type Settled = Exclude<UpstreamReply, { kind: "images" }>;

// Errors of a connection that never came to be: nothing was sent, so nothing was billed.
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
// 408, 500, 502 and 504 may come from a gateway that lost sight of a call which went on behind it.
const unclearStatus = new Set([408, 500, 502, 504]);
const longestReason = 200;
const shortestQuote = 20;
const exhaustedCodes = new Set(["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"]);

/**
 * Sorts what a call threw: ends that trying again can't cure are returned, everything else is thrown as an
 * UpstreamFault.
 *
 * @param prompt never to appear in a message
 */
export function sortError(error: unknown, prompt: string, now: Date): Settled {
  const fault = bornFault(error);
  if (fault) throw fault;
  if (!(error instanceof APIError) || error.status === undefined) return sortConnectionError(error);
  const { status } = error as { status: number };
  const headers = error.headers instanceof Headers ? error.headers : new Headers();
  const body = wireError.safeParse(error.error).data ?? {};
  const refusal = refusalOf(body);
  if (refusal) return { kind: "refused", fault: refusal };
  if (status === 403 || exhaustedCodes.has(String(body.code))) return accountBlocked(status);

  const waitMs = retryAfterMs(headers, now);
  if (status === 429 || (status === 503 && waitMs > 0)) return { kind: "throttled", retryAfterMs: waitMs };
  // Named a wait or not: a 503 was never begun, the others may be going on behind a gateway.
  if (status === 503 || (unclearStatus.has(status) && waitMs > 0)) {
    const fault = factsOf("upstreamUnavailable", `The service answered ${status}.`);
    return { kind: "unavailable", fault, retryAfterMs: waitMs, mayBeBilled: status !== 503 };
  }
  if (status === 401)
    throw new UpstreamFault("the service did not accept Darkroom's credentials (401)", {
      mayBeBilled: false,
    });
  if (status >= 500 || status === 408 || status === 409) {
    throw new UpstreamFault(`the service answered ${status}`, { mayBeBilled: unclearStatus.has(status) });
  }
  return { kind: "rejected", fault: factsOf("upstreamRejected", rejection(status, body, prompt)) };
}

/** An answer that says neither yes nor no: HTML, cut JSON, a 200 without images. */
export function senselessReply(what: string): UpstreamFault {
  return new UpstreamFault(`the service's answer made no sense: ${what}`, { mayBeBilled: true });
}

/** The service's own reason, fit to be shown: short, one line, no links, and nothing that quotes the prompt. */
export function safeReason(error: WireError, prompt: string): string {
  const code = String(error.code ?? "");
  const text = (error.message ?? "")
    .replace(/([a-z][\w+.-]*:)?\/\/\S+/gi, "[link]")
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .slice(0, longestReason);
  const parts = [/^[\w.-]{1,64}$/.test(code) ? code : "", text];
  return parts.filter((part) => part !== "" && !quotes(part, prompt)).join(": ") || "no reason given";
}

/** Whether a text holds the prompt or a long part of it: services cut what they quote. */
function quotes(text: string, prompt: string): boolean {
  const flat = (words: string) =>
    words
      .replace(/[\s\p{C}]+/gu, " ")
      .trim()
      .toLowerCase();
  const [said, asked] = [flat(text), flat(prompt)];
  if (asked.length <= shortestQuote) return asked.length > 3 && said.includes(asked);
  for (let at = 0; at + shortestQuote <= said.length; at += 1) {
    if (asked.includes(said.slice(at, at + shortestQuote))) return true;
  }
  return false;
}

function rejection(status: number, body: WireError, prompt: string): string {
  return `The service rejected the request (${status}): ${safeReason(body, prompt)}`;
}

/** A block of the whole account or resource: it hits every prompt, so no other call of the job is worth sending. */
function accountBlocked(status: number): Settled {
  const message = `The service refuses this whole account or resource (${status}), whatever the prompt is. Its operator must act.`;
  return { kind: "accountBlocked", fault: factsOf("accountBlocked", message) };
}

/** A connection that never came to be is no doubt about a bill; one that broke is. */
function sortConnectionError(error: unknown): Settled {
  const code = causeCode(error);
  const tail = code === undefined ? "" : ` (${code})`;
  if (code !== undefined && neverSent.has(code)) {
    const fault = factsOf("upstreamUnavailable", `The service could not be reached${tail}.`);
    return { kind: "unavailable", fault, retryAfterMs: 0, mayBeBilled: false };
  }
  const what =
    error instanceof SyntaxError
      ? "the answer is not JSON"
      : "the connection broke before the answer was whole";
  throw new UpstreamFault(`${what}${tail}`, { mayBeBilled: true, cause: error });
}

/** A fault of ours that was thrown inside the client comes back inside an error of the client's. */
function bornFault(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  return error instanceof Error && error.cause instanceof Fault ? error.cause : undefined;
}

/** Node wraps socket errors: the code that tells stands somewhere down the chain of causes. */
function causeCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
  }
  return undefined;
}
