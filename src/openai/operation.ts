import { APIError } from "openai";
import { type FaultFacts, factsOf, UpstreamFault } from "../domain/fault.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import { patience } from "../domain/upstream-outcome.ts";
import type { DiscardReply, PollReply, ReplyItem, UpstreamReply } from "../ports.ts";
import { safeReason, senselessReply, sortReplyError } from "./faults.ts";
import { refusalOf, refusalOfFilters } from "./refusal.ts";
import { readUnpaidItem } from "./reply.ts";
import { plainName, readTold } from "./told.ts";
import { type WireItem, type WireOperation, wireOperation } from "./wire.ts";

// Used when an operation's answer names no wait of its own.
export const usualPollMs = 2_000;

/** How an answer about an operation is read. */
export interface OperationReading {
  /** Never to appear in a message. */
  prompt: string;
  /** Positions of the images to be had. */
  wanted: readonly number[];
  waitMs: number;
  now: Date;
  signal: AbortSignal;
}

/** Throws an UpstreamFault for what isn't the JSON of an operation; what content type it has doesn't matter. */
export function parseOperation(text: string): WireOperation {
  try {
    return wireOperation.parse(JSON.parse(text));
  } catch (cause) {
    throw new UpstreamFault(senselessReply("not the JSON of an operation").detail, {
      mayBeBilled: true,
      cause,
    });
  }
}

const stillRunning = new Set(["notrunning", "notstarted", "running", "inprogress", "queued", "pending"]);
const endedWithout = new Set(["failed", "canceled", "cancelled", "deleted"]);

/**
 * Where an operation stands. Images win over whatever its status says, unless it is still at work: they are paid for.
 * Throws an UpstreamFault for an answer that tells nothing.
 */
export async function readOperation(operation: WireOperation, reading: OperationReading): Promise<PollReply> {
  const { status, error } = operation;
  const word = plainName(status ?? "");
  const pending = { kind: "pending", retryAfterMs: reading.waitMs } as const;
  if (stillRunning.has(word)) return pending;
  if (itemsOf(operation).some(hasPicture)) return readImages(operation, reading);
  if (endedWithout.has(word)) return readFailure(word, error, reading);
  if (word === "succeeded" && itemsOf(operation).length > 0) return readImages(operation, reading);
  const refusal = refusalOfFilters(operation);
  if (refusal) return { kind: "refused", fault: refusal };
  if (hasWords(error)) return sortReplyError(error, reading.prompt, reading.now);
  if (word === "succeeded") throw senselessReply("an operation that succeeded without images");
  if (word === "") throw senselessReply("an operation without a status");
  // Whatever a later version may call it: the job's deadline ends the wait.
  return pending;
}

/** The images of an answer that holds some; those of other positions are left alone. */
export async function readImages(
  operation: WireOperation,
  { wanted, prompt, signal }: OperationReading,
): Promise<UpstreamReply> {
  const items = itemsOf(operation);
  const read = wanted.map((position) => readItem(items[position] ?? {}, prompt, signal));
  return { kind: "images", items: await Promise.all(read) };
}

export function holdsImages(operation: WireOperation): boolean {
  return itemsOf(operation).some(hasPicture);
}

/** An operation that nobody knows any more: its images are lost, and its call is no verdict on the job's others. */
export function lostOperation(status: number, wanted: readonly number[]): PollReply {
  const message = `The service no longer knows the operation (${status}); its images may have been billed.`;
  const fault = factsOf("upstreamUnavailable", message);
  return { kind: "images", items: wanted.map(() => ({ kind: "lost", fault })) };
}

/** A poll costs nothing, and what it asks for is paid for: whatever keeps it from an answer is waited for. */
export function unansweredPoll({ detail }: UpstreamFault): PollReply {
  const fault = factsOf("upstreamUnavailable", `The operation could not be asked for: ${detail}.`);
  return {
    kind: "unavailable",
    fault,
    retryAfterMs: 0,
    mayBeBilled: false,
    patienceMs: patience.operationMs,
  };
}

/** The status of an answer that doesn't know the operation, which may be too young to be known everywhere. */
export function unknownOperationStatus(error: unknown): number | undefined {
  const status: unknown = error instanceof APIError ? error.status : undefined;
  return status === 404 || status === 410 || status === 425 ? status : undefined;
}

function itemsOf({ result, data }: WireOperation): WireItem[] {
  return result?.data ?? data ?? [];
}

function hasPicture({ url, b64_json }: WireItem): boolean {
  return Boolean(url) || Boolean(b64_json);
}

function hasWords(error: unknown): boolean {
  return typeof error === "string" ? error !== "" : typeof error === "object" && error !== null;
}

/** One image of an operation, or why there is none. A link that fails now is left for another time. */
async function readItem(item: WireItem, prompt: string, signal: AbortSignal): Promise<ReplyItem> {
  // A blank error beside a picture takes nothing from it.
  if (hasPicture(item)) return readUnpaidItem({ ...item, error: undefined }, prompt, signal);
  return { kind: "lost", fault: reasonOf(item, prompt) };
}

function reasonOf(item: WireItem, prompt: string): FaultFacts {
  const refusal = refusalOfFilters(item) ?? (item.error ? refusalOf(item.error, prompt) : undefined);
  if (refusal) return refusal;
  if (!item.error) {
    return factsOf("upstreamUnavailable", "The service returned an entry with neither image nor link.");
  }
  return factsOf("upstreamRejected", `The service made no image: ${safeReason(item.error, prompt)}`);
}

/** The end of an operation without images. Sent again under its id it would end the same, so nothing is worth a wait. */
function readFailure(word: string, error: unknown, { prompt, now }: OperationReading): UpstreamReply {
  try {
    const end = sortReplyError(error, prompt, now);
    if (end.kind === "refused" || end.kind === "accountBlocked") return end;
  } catch (thrown) {
    // What a retry might cure elsewhere is over here.
    if (!(thrown instanceof UpstreamFault)) throw thrown;
  }
  const message = `The service's operation ended as ${word}: ${safeReason(readTold(error, prompt).shown, prompt)}`;
  return { kind: "rejected", fault: factsOf("upstreamRejected", message) };
}

/**
 * What an error says to the wish that an operation be gone. Whoever can't be asked now is asked again: a removal costs
 * nothing, and one that was done comes back as a 404.
 */
export function readDiscardError(error: unknown, now: Date): DiscardReply {
  const answer: APIError | undefined = error instanceof APIError ? error : undefined;
  if (answer?.status === 404 || answer?.status === 410) return { kind: "gone" };
  const wait = answer?.headers ? retryAfterMs(answer.headers, now) : 0;
  return { kind: "pending", retryAfterMs: wait || usualPollMs };
}
