import { APIError } from "openai";
import { errorInfo, UpstreamError } from "../../domain/app-error.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { patience } from "../../domain/upstream-outcome.ts";
import type { DiscardReply, PollReply, ReplyItem, UpstreamReply } from "../../ports/image-model.ts";
import { safeReason, senselessReply, sortReplyError } from "./upstream-errors.ts";
import { refusalOfFilters } from "./refusal.ts";
import type { Received } from "./reply.ts";
import { plainName, readErrorBody } from "./error-body.ts";
import { type WireOperation, wireOperation } from "./wire.ts";

// Used when an operation's answer names no wait of its own.
export const defaultPollMs = 2_000;

/** How an answer about an operation is read. */
interface OperationReading {
  /** Never to appear in a message. */
  prompt: string;
  waitMs: number;
  now: Date;
}

/** What an answer says of an operation, and what came of each of its images, by position. */
interface OperationAnswer {
  operation: WireOperation;
  items: ReadonlyMap<number, ReplyItem>;
}

/** Throws an UpstreamError for what isn't the JSON of an operation; what content type it has doesn't matter. */
export function readAnswer({ values, items }: Received): OperationAnswer {
  const parsed = wireOperation.safeParse(values[0]);
  if (!parsed.success) throw senselessReply("not the JSON of an operation");
  return { operation: parsed.data, items };
}

const stillRunning = new Set(["notrunning", "notstarted", "running", "inprogress", "queued", "pending"]);
const endedWithout = new Set(["failed", "canceled", "cancelled", "deleted"]);

/**
 * Where an operation stands. Images win over whatever its status says, unless it is still at work: they are paid for.
 * Throws an UpstreamError for an answer that tells nothing.
 */
export function readOperation(answer: OperationAnswer, reading: OperationReading): PollReply {
  const { status, error } = answer.operation;
  const word = plainName(status ?? "");
  const pending = { kind: "pending", retryAfterMs: reading.waitMs } as const;
  if (stillRunning.has(word)) return pending;
  if (holdsImages(answer)) return imagesOf(answer);
  if (endedWithout.has(word)) return readFailure(word, error, reading);
  if (word === "succeeded" && answer.items.size > 0) return imagesOf(answer);
  const refusal = refusalOfFilters(answer.operation);
  if (refusal) return { kind: "refused", failure: refusal };
  if (hasWords(error)) return sortReplyError(error, reading.prompt, reading.now);
  if (word === "succeeded") throw senselessReply("an operation that succeeded without images");
  if (word === "") throw senselessReply("an operation without a status");
  // Whatever a later version may call it: the job's deadline ends the wait.
  return pending;
}

export function holdsImages({ items }: OperationAnswer): boolean {
  return [...items.values()].some(({ kind }) => kind !== "lost");
}

const missing: ReplyItem = {
  kind: "lost",
  failure: errorInfo("upstreamUnavailable", "The service returned an entry with neither image nor link."),
};

function imagesOf({ items }: OperationAnswer): UpstreamReply {
  const length = Math.max(...items.keys()) + 1;
  return {
    kind: "images",
    items: Array.from({ length }, (_, position) => items.get(position) ?? missing),
  };
}

/** Asked again for as long as one answer may be a stray one; its images may be lost, which is no verdict on the job's others. */
export function unknownOperation(status: number): PollReply {
  const message = `The service no longer knows the operation (${status}); its images may have been billed.`;
  return unavailable(message, patience.youngOperationMs);
}

/** A poll costs nothing, and what it asks for is paid for: whatever keeps it from an answer is waited for. */
export function unansweredPoll(message: string): PollReply {
  return unavailable(message, patience.operationMs);
}

function unavailable(message: string, patienceMs: number): PollReply {
  const failure = errorInfo("upstreamUnavailable", message);
  return { kind: "unavailable", failure, retryAfterMs: 0, mayBeBilled: false, patienceMs };
}

/** The status of an answer that doesn't know the operation, which may be too young to be known everywhere. */
export function unknownOperationStatus(error: unknown): number | undefined {
  const status: unknown = error instanceof APIError ? error.status : undefined;
  return status === 404 || status === 410 || status === 425 ? status : undefined;
}

function hasWords(error: unknown): boolean {
  return typeof error === "string" ? error !== "" : typeof error === "object" && error !== null;
}

/** The end of an operation without images. Sent again under its id it would end the same, so nothing is worth a wait. */
function readFailure(word: string, error: unknown, { prompt, now }: OperationReading): UpstreamReply {
  try {
    const end = sortReplyError(error, prompt, now);
    if (end.kind === "refused" || end.kind === "accountBlocked") return end;
  } catch (thrown) {
    // What a retry might cure elsewhere is over here.
    if (!(thrown instanceof UpstreamError)) throw thrown;
  }
  const message = `The service's operation ended as ${word}: ${safeReason(readErrorBody(error, prompt).shown, prompt)}`;
  return { kind: "rejected", failure: errorInfo("upstreamRejected", message) };
}

/**
 * What an error says to the request that an operation be gone. Anyone who can't be asked now is asked again: a removal costs
 * nothing, and one that was done comes back as a 404.
 */
export function readDiscardError(error: unknown, now: Date): DiscardReply {
  const answer: APIError | undefined = error instanceof APIError ? error : undefined;
  if (answer?.status === 404 || answer?.status === 410) return { kind: "gone" };
  const wait = answer?.headers ? retryAfterMs(answer.headers, now) : 0;
  return { kind: "pending", retryAfterMs: wait || defaultPollMs };
}
