import { AppError, type ErrorInfo, errorInfo, UpstreamError } from "../../domain/app-error.ts";
import type { ReplyItem, ReplyListener, UpstreamReply } from "../../ports/image-model.ts";
import { type CallFacts, senselessReply, sortError, sortReplyError } from "./upstream-errors.ts";
import { BrokenBody, chunksOf } from "./reading/body.ts";
import { ListenerFailure, MessageReader } from "./reading/message-reader.ts";
import type { ReceivedPictures } from "./reading/received-pictures.ts";
import { refusalOf } from "./refusal.ts";
import { readErrorBody } from "./error-body.ts";
import { ReplyScanner, type ReplyToken } from "./reading/reply-scanner.ts";

export interface Reading extends CallFacts {
  /** Never to appear in a message. */
  prompt: string;
  /** How many images were asked for: with as many, a reply is over, whatever its connection does next. */
  wanted: number;
  signal: AbortSignal;
  listener: ReplyListener;
  /** Where pictures are kept until the listener has dealt with them. */
  pictures: ReceivedPictures;
  now: () => Date;
}

/** What a whole reply said. Its pictures have been handed to the listener. */
export type Received = Pick<
  MessageReader,
  "items" | "unexplained" | "values" | "error" | "refusal" | "usage" | "hasBegun"
> & { form: ReplyScanner["form"]; headers: Headers };

/**
 * Reads an answered generation or edit, whatever form it has. Pictures go to the listener one by one, while the rest is
 * still under way; what the listener throws is thrown as it is. Throws an UpstreamError when there is no image and no clear
 * reason, and when the connection breaks before the reply is whole.
 */
export async function readReply(response: Response, reading: Reading): Promise<UpstreamReply> {
  try {
    return judge(await receive(response, reading), reading);
  } catch (error) {
    return sortReadingError(error, reading);
  }
}

/** Throws what a listener threw as it is; sorts everything else like an error of the service. */
export function sortReadingError(error: unknown, { prompt, now, ...facts }: Reading) {
  if (error instanceof ListenerFailure) throw error.cause;
  // The service had answered: whatever broke the connection then, the call is begun.
  if (error instanceof BrokenBody)
    throw new UpstreamError("the connection broke before the answer was whole", {
      mayBeBilled: true,
      cause: error,
    });
  return sortError(error, prompt, now(), facts);
}

/**
 * Takes in a reply without judging it. Throws a ListenerFailure, whose cause is what the listener threw; the signal's
 * reason; a BrokenBody when the connection breaks before the reply is whole; and an UpstreamError where it is no reply.
 */
export async function receive(response: Response, { signal, ...options }: Reading): Promise<Received> {
  const reader = new MessageReader(options);
  const scanner = new ReplyScanner(reader.mark);
  const takeAll = async (tokens: Iterable<ReplyToken>) => {
    for (const token of tokens) {
      await reader.take(token, scanner.name);
      signal.throwIfAborted();
      if (token.kind === "message" && reader.isOver) return true;
    }
    return false;
  };
  try {
    let broken: BrokenBody | undefined;
    let isOver = false;
    try {
      for await (const chunk of chunksOf(response, signal)) {
        isOver = await takeAll(scanner.push(chunk));
        if (isOver) break;
      }
    } catch (error) {
      if (!(error instanceof BrokenBody)) throw error;
      broken = error;
    }
    const isCut = broken !== undefined || scanner.isOpen;
    // An event may have come whole but for the blank line behind it.
    if (!isOver) isOver = await takeAll(scanner.end());
    const hasWholeJson = scanner.form === "json" && reader.messages > 0 && reader.items.size > 0;
    if (isCut && !isOver && !hasWholeJson) throw broken ?? senselessReply("it is cut short");
  } finally {
    await reader.close();
  }
  return Object.assign(reader, { form: scanner.form, headers: response.headers });
}

/** Images win over an error beside them, which then is the reason of those that are missing. */
export function judge(received: Received, reading: Reading): UpstreamReply {
  const { prompt, wanted } = reading;
  const { items, unexplained, error, refusal, usage, form } = received;
  const hasImages = [...items.values()].some(({ kind }) => kind !== "lost");
  if (!hasImages && error !== undefined) return classifyErrorBody(received, reading);
  if (items.size === unexplained.size && refusal) return { kind: "refused", failure: refusal };
  if (items.size === 0) {
    const [whole] = received.values;
    // An error without an envelope.
    if (isError(whole, prompt))
      return classifyErrorBody(
        { headers: received.headers, hasBegun: received.hasBegun, error: whole },
        reading,
      );
    if (form !== "events") throw senselessReply("no images in it");
    throw new UpstreamError("the stream ended without its image", { mayBeBilled: true });
  }
  const reason = error === undefined ? undefined : reasonOf(received, reading);
  const length = Math.max(...items.keys(), reason ? wanted - 1 : 0) + 1;
  const listed = Array.from({ length }, (_, position): ReplyItem => {
    const item = items.get(position);
    if (item && !(reason && unexplained.has(position))) return item;
    return { kind: "lost", failure: reason ?? missing };
  });
  return usage ? { kind: "images", items: listed, usage } : { kind: "images", items: listed };
}

const missing = errorInfo("upstreamUnavailable", "The service returned fewer images than it was asked for.");

function isError(value: unknown, prompt: string): boolean {
  return readErrorBody(value, prompt).status !== undefined || refusalOf(value, prompt) !== undefined;
}

function classifyErrorBody(
  { error, headers, hasBegun }: Pick<Received, "error" | "headers" | "hasBegun">,
  { prompt, now, ...facts }: Reading,
) {
  return sortReplyError(error, prompt, now(), { ...facts, headers, hasBegun });
}

/** The rest of the call is paid for: an error that would have the call sent again is a reason here, no more. */
function reasonOf(received: Received, reading: Reading): ErrorInfo {
  try {
    const sorted = classifyErrorBody(received, reading);
    if (sorted.kind !== "throttled") return sorted.failure;
    return errorInfo("throttled", "The service was too busy to make this image.");
  } catch (failure) {
    if (!(failure instanceof AppError)) throw failure;
    return errorInfo(failure.code, `The service made no image: ${failure.detail}.`);
  }
}
