import { Webhook } from "standardwebhooks";
import type { Clock } from "../../ports/clock.ts";
import type { Webhooks } from "../../ports/deliveries.ts";
import type { CheckedConnectionOptions } from "./checked-connection.ts";
import { checkedPost, noResponse } from "./checked-post.ts";

export interface SignedWebhooksOptions extends CheckedConnectionOptions {
  /** Caller to the secrets that sign what is sent for it, newest first. While a secret is rotated there are two. */
  secrets: ReadonlyMap<string, readonly string[]>;
  clock: Clock;
  /** From the start of a POST to the end of its answer. */
  answerWithinMs?: number;
}

type Message = Parameters<Webhooks["send"]>[0];

/** Webhooks as standardwebhooks.com has them, over checked connections. */
export function signedWebhooks({
  secrets,
  clock,
  answerWithinMs = 15_000,
  ...connection
}: SignedWebhooksOptions): Webhooks {
  const wire = checkedPost({ ...connection, clock, answerWithinMs, field: "webhook_url" });
  const secretsOf = (caller: string) => secrets.get(caller) ?? [];

  return {
    canSign: (caller) => secretsOf(caller).length > 0,
    check: (url) => wire.check(url),
    async send(message) {
      const known = secretsOf(message.caller);
      if (known.length === 0) return noResponse(noSecret);
      const { url, body } = message;
      return wire.send({ url, body, headers: () => signatureHeaders(known, message, clock.now()) });
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
