import { Client, type Dispatcher } from "undici";
import { AppError } from "../../domain/app-error.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { checkWebAddress } from "../../domain/web-address.ts";
import type { WebhookReply } from "../../domain/webhook.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Callbacks } from "../../ports/deliveries.ts";
import { checkAddress, checkedConnector, type CheckedConnectionOptions } from "./checked-connection.ts";

export interface CheckedPostOptions extends CheckedConnectionOptions {
  clock: Clock;
  /** What the address is called where it was given. */
  field: string;
  /** From the start of a POST to the end of its answer. */
  answerWithinMs: number;
}

// What an answer says is nobody's business; its beginning is read so that receivers see a client that listens.
const maxAnswerBytes = 4_096;
const lookUpMs = 5_000;

interface Message {
  url: string;
  body: string;
  headers?: () => Record<string, string>;
}

/**
 * POSTs over checked connections: no redirects, no cookies, no credentials. Reasons never repeat the address or a word of
 * the answer.
 */
export function checkedPost({ clock, field, answerWithinMs, ...connection }: CheckedPostOptions) {
  const connect = checkedConnector(connection);

  async function post({ url: address, headers, body }: Message, signal: AbortSignal) {
    // Again, and the addresses of its name once more when it is connected to: both may have changed since it was accepted.
    const url = checkWebAddress(address, connection.allowlist);
    const client = new Client(url.origin, { connect });
    // A request that waits for its connection hears no signal of its own; it hears that its client is gone.
    signal.addEventListener("abort", () => void client.destroy(), { once: true });
    return client.request({
      method: "POST",
      path: url.pathname + url.search,
      headers: { "content-type": "application/json", "user-agent": "Darkroom", ...headers?.() },
      body,
      reset: true,
    });
  }

  return {
    async check(url: string): Promise<void> {
      const { promise: tooLong, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(refusal("names a host that can't be found.")), lookUpMs);
      await Promise.race([checkAddress(url, connection), tooLong]).finally(() => clearTimeout(timer));
    },
    async send(message: Message): Promise<WebhookReply> {
      const visit = new AbortController();
      const timer = setTimeout(() => visit.abort(), answerWithinMs);
      try {
        const { statusCode: status, headers, body } = await post(message, visit.signal);
        await readAndDrop(body);
        return { kind: "answered", status, retryAfterMs: retryAfterMs(readable(headers), clock.now()) };
      } catch (error) {
        if (visit.signal.aborted)
          return noResponse(`The receiver gave no answer within ${answerWithinMs / 1_000} seconds.`);
        if (error instanceof AppError) return noResponse(`${field} ${error.detail}`);
        return noResponse("The receiver broke off without an answer that can be read.");
      } finally {
        clearTimeout(timer);
        visit.abort();
      }
    },
  };
}

/** Callbacks of workflows. Their address is all that they know of the one who calls: nothing is signed. */
export function plainCallbacks(options: CheckedConnectionOptions & { clock: Clock }): Callbacks {
  // A body may hold images.
  return checkedPost({ field: "callbackUrl", answerWithinMs: 60_000, ...options });
}

/** Its status has been read; whatever becomes of the rest changes nothing. */
async function readAndDrop(body: Dispatcher.ResponseData["body"]): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxAnswerBytes) return;
    }
  } catch {
    return;
  }
}

/** Headers as fetch shows them: by name, the first of several. */
export function readable(headers: Dispatcher.ResponseData["headers"]) {
  return { get: (name: string) => [headers[name]].flat()[0] ?? null };
}

export function noResponse(reason: string) {
  return { kind: "unanswered" as const, reason };
}

function refusal(message: string): AppError {
  return new AppError("invalidRequest", message);
}
