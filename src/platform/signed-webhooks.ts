import { Webhook } from "standardwebhooks";
import { Client, type Dispatcher } from "undici";
import { Fault } from "../domain/fault.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import { checkWebAddress } from "../domain/web-address.ts";
import type { Clock, Webhooks } from "../ports.ts";
import { checkAddress, checkedConnector, type CheckedConnectionOptions } from "./checked-connection.ts";

export interface SignedWebhooksOptions extends CheckedConnectionOptions {
  /** Caller to the secrets that sign what is sent for it, newest first. While a secret is rotated there are two. */
  secrets: ReadonlyMap<string, readonly string[]>;
  clock: Clock;
  /** From the start of a POST to the end of its answer. */
  answerWithinMs?: number;
}

type Message = Parameters<Webhooks["send"]>[0];

// What an answer says is nobody's business; its beginning is read so that receivers see a client that listens.
const mostOfAnswer = 4_096;
const lookUpMs = 5_000;

/**
 * Webhooks as standardwebhooks.com has them, over checked connections: no redirects, no cookies, no credentials. Reasons
 * never repeat the address or a word of the answer.
 */
export function signedWebhooks({
  secrets,
  clock,
  answerWithinMs = 15_000,
  ...connection
}: SignedWebhooksOptions): Webhooks {
  const { allowlist } = connection;
  const connect = checkedConnector(connection);
  const secretsOf = (caller: string) => secrets.get(caller) ?? [];

  async function post(message: Message, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    // Again, and the addresses of its name once more when it is connected to: both may have changed since it was accepted.
    const url = checkWebAddress(message.url, allowlist);
    const client = new Client(url.origin, { connect });
    // A request that waits for its connection hears no signal of its own; it hears that its client is gone.
    signal.addEventListener("abort", () => void client.destroy(), { once: true });
    return client.request({
      method: "POST",
      path: url.pathname + url.search,
      headers: {
        "content-type": "application/json",
        "user-agent": "Darkroom",
        ...signatureHeaders(secretsOf(message.caller), message, clock.now()),
      },
      body: message.body,
      reset: true,
    });
  }

  return {
    canSign: (caller) => secretsOf(caller).length > 0,
    async check(url) {
      const patience = new AbortController();
      const tooLong = new Promise<never>((_resolve, reject) => {
        const timer = setTimeout(() => reject(refusal("names a host that can't be found.")), lookUpMs);
        patience.signal.addEventListener("abort", () => clearTimeout(timer));
      });
      await Promise.race([checkAddress(url, connection), tooLong]).finally(() => patience.abort());
    },
    async send(message) {
      if (secretsOf(message.caller).length === 0) return unanswered(noSecret);
      const visit = new AbortController();
      const timer = setTimeout(() => visit.abort(), answerWithinMs);
      try {
        const { statusCode: status, headers, body } = await post(message, visit.signal);
        await readAndDrop(body);
        return { kind: "answered", status, retryAfterMs: retryAfterMs(readable(headers), clock.now()) };
      } catch (error) {
        if (visit.signal.aborted)
          return unanswered(`The receiver gave no answer within ${answerWithinMs / 1_000} seconds.`);
        if (error instanceof Fault) return unanswered(`webhook_url ${error.detail}`);
        return unanswered("The receiver broke off without an answer that can be read.");
      } finally {
        clearTimeout(timer);
        visit.abort();
      }
    },
  };
}

const noSecret = "The caller has no secret in WEBHOOK_SECRETS any more; nothing is sent unsigned.";

/** One signature for each secret, so that a receiver that knows either of two verifies. */
function signatureHeaders(
  secrets: readonly string[],
  { id, body }: Message,
  at: Date,
): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
  };
}

/** Its status has been read; whatever becomes of the rest changes nothing. */
async function readAndDrop(body: Dispatcher.ResponseData["body"]): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > mostOfAnswer) return;
    }
  } catch {
    return;
  }
}

function readable(headers: Dispatcher.ResponseData["headers"]) {
  return { get: (name: string) => [headers[name]].flat()[0] ?? null };
}

function unanswered(reason: string) {
  return { kind: "unanswered" as const, reason };
}

function refusal(message: string): Fault {
  return new Fault("invalidRequest", message);
}
