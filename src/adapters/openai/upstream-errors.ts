import { APIError } from "openai";
import { errorInfo, AppError, UpstreamError } from "../../domain/app-error.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { type SentCall, sortConnectionError } from "./connection-errors.ts";
import { type Settled, sortAnswer } from "./sorting-rules.ts";
import { plainName, readErrorBody, type ErrorBody } from "./error-body.ts";
import type { WireError } from "./wire.ts";

const maxReason = 200;
const minQuote = 20;

/** What is known of the call whose error is sorted. */
export interface CallFacts extends SentCall {
  /** On Azure a model that isn't known is a deployment that isn't there yet. */
  isAzure?: boolean;
}

interface ReplyFacts extends CallFacts {
  /** The headers of the 200: a gateway that hides a 429 there may leave its Retry-After. */
  headers?: Headers;
  /** A picture had come before: whatever it says, the call was begun. */
  hasBegun?: boolean;
}

/**
 * Sorts what a call threw: ends that trying again at once can't cure are returned, everything else is thrown as an
 * UpstreamError.
 *
 * @param prompt never to appear in a message
 */
export function sortError(error: unknown, prompt: string, now: Date, facts: CallFacts = {}): Settled {
  const failure = findAppError(error);
  if (failure) throw failure;
  if (!(error instanceof APIError) || error.status === undefined)
    return sortConnectionError(error, now, facts);
  const { status } = error as { status: number };
  const headers = error.headers instanceof Headers ? error.headers : new Headers();
  // The client keeps what stands under `error`, or puts the text of what isn't JSON behind the status.
  const said: unknown = error.error;
  const body = said === undefined ? textOf(status, error.message) : { error: said };
  const errorBody = readErrorBody(body, prompt, status);
  // DALL-E 2's operations name their errors in a header as well.
  const names = [...errorBody.names, plainName(headers.get("x-ms-error-code") ?? "")];
  return classifyErrorBody({ ...errorBody, names }, prompt, retryAfterMs(headers, now), facts);
}

/**
 * Sorts an error that stands in a 200 or in an event of a stream by the table for errors under their own status, which
 * is read from the error. One without a status leaves it open whether the call is billed.
 *
 * @param error the error itself, or the body or event that holds it
 * @param prompt never to appear in a message
 */
export function sortReplyError(error: unknown, prompt: string, now: Date, facts: ReplyFacts = {}): Settled {
  const waitMs = facts.headers ? retryAfterMs(facts.headers, now) : 0;
  try {
    const end = classifyErrorBody(readErrorBody(error, prompt), prompt, waitMs, facts);
    if (!facts.hasBegun) return end;
    if (end.kind === "unavailable") return { ...end, mayBeBilled: true };
    // Turned away in the midst of its work: nobody knows whether that is billed.
    if (end.kind !== "throttled") return end;
    const failure = errorInfo("throttled", "The service broke the call off to throttle it.");
    return { kind: "unavailable", failure, retryAfterMs: end.retryAfterMs, mayBeBilled: true };
  } catch (thrown) {
    if (!facts.hasBegun || !(thrown instanceof UpstreamError)) throw thrown;
    throw new UpstreamError(thrown.detail, { mayBeBilled: true, cause: thrown });
  }
}

function classifyErrorBody(
  errorBody: ErrorBody,
  prompt: string,
  waitMs: number,
  { isAzure = false }: CallFacts,
): Settled {
  const reason = errorBody.isPage ? "" : shownReason(errorBody.shown, prompt);
  return sortAnswer({ ...errorBody, reason, waitMs, isAzure });
}

/** An answer that says neither yes nor no: HTML, cut JSON, a 200 without images. */
export function senselessReply(what: string): UpstreamError {
  return new UpstreamError(`the service's answer made no sense: ${what}`, { mayBeBilled: true });
}

/** The service's own reason, fit to be shown: short, one line, no links or keys, and nothing that quotes the prompt. */
export function safeReason(error: WireError, prompt: string): string {
  return shownReason(error, prompt) || "no reason given";
}

function shownReason(error: Pick<WireError, "code" | "message">, prompt: string): string {
  const code = String(error.code ?? "");
  const text = (error.message ?? "")
    .replace(/([a-z][\w+.-]*:)?\/\/\S+/gi, "[link]")
    .replace(/\bsk-[\w*-]+|\beyJ[\w.-]+|\b(?=\w*\d)[\w+/=]{30,}/g, "[key]")
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .slice(0, maxReason);
  const parts = [/^[\w.-]{1,64}$/.test(code) ? code : "", text];
  return parts.filter((part) => part !== "" && !quotes(part, prompt)).join(": ");
}

/** Whether a text holds the prompt or a long part of it: services cut what they quote, and gateways escape it. */
function quotes(text: string, prompt: string): boolean {
  const [said, asked] = [flat(text), flat(prompt)];
  if (asked.length <= minQuote) return asked.length > 3 && said.includes(asked);
  for (let at = 0; at + minQuote <= said.length; at += 1) {
    if (asked.includes(said.slice(at, at + minQuote))) return true;
  }
  return false;
}

function flat(words: string): string {
  return words
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/\\+[nrt]/g, " ")
    .replace(/\\+/g, "")
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .toLowerCase();
}

function textOf(status: number, message: string): string | undefined {
  const prefix = `${status} `;
  return message === `${prefix}status code (no body)` ? undefined : message.replace(prefix, "");
}

/** An error of ours that was thrown inside the client comes back inside an error of the client's. */
function findAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  return error instanceof Error && error.cause instanceof AppError ? error.cause : undefined;
}
