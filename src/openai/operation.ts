import { APIError } from "openai";
import { factsOf } from "../domain/fault.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import type { DiscardReply, PollReply, ReplyItem } from "../ports.ts";
import { safeReason, senselessReply } from "./faults.ts";
import { refusalOf } from "./refusal.ts";
import type { WireOperation } from "./wire.ts";

// Used when an operation's answer names no wait of its own.
export const usualPollMs = 2_000;
const missing: ReplyItem = {
  kind: "lost",
  fault: factsOf("upstreamUnavailable", "The service returned an entry with neither image nor link."),
};

/**
 * The operation's path and query, to be asked for at the configured endpoint. The header may name the host behind a
 * gateway, which then also lacks the gateway's own path; or somebody else's, which must not get the key.
 */
export function pathOf(location: string, base: string): string {
  const endpoint = new URL(base);
  const { host, pathname, search } = new URL(location, base);
  const prefix = endpoint.pathname.replace(/\/openai\/?$/, "");
  const isBehind = host !== endpoint.host && !pathname.startsWith(`${prefix}/`);
  return `${isBehind ? prefix : ""}${pathname}${search}`;
}

/** Always the endpoint's own origin: a path that begins with two slashes would else name another host, and get the key. */
export function addressOf(operation: string, base: string): string {
  const { pathname, search } = new URL(`http://path${operation.replace(/^\/+/, "/")}`);
  const address = new URL(base);
  address.pathname = pathname;
  address.search = search;
  return address.href;
}

/** @param items what came of each of the operation's images, by position */
export function readOperation(
  { status, error }: WireOperation,
  prompt: string,
  wanted: readonly number[],
  waitMs: number,
  items: ReadonlyMap<number, ReplyItem>,
): PollReply {
  switch (status.toLowerCase()) {
    case "succeeded": {
      if (items.size === 0) throw senselessReply("an operation that succeeded without images");
      return { kind: "images", items: wanted.map((position) => items.get(position) ?? missing) };
    }
    case "failed":
    case "canceled":
    case "cancelled":
    case "deleted": {
      const refusal = error ? refusalOf(error) : undefined;
      if (refusal) return { kind: "refused", fault: refusal };
      const message = `The service's operation ended as ${status.toLowerCase()}: ${safeReason(error ?? {}, prompt)}`;
      return { kind: "rejected", fault: factsOf("upstreamRejected", message) };
    }
    // notRunning, notStarted, running, and whatever a later version may call it: the job's deadline ends the wait.
    default:
      return { kind: "pending", retryAfterMs: waitMs };
  }
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
