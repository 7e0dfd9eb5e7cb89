import { subjectOf } from "../domain/identity.ts";
import { type WebhookEvent, webhookEvents } from "../domain/webhook.ts";
import type { Webhooks } from "../ports/deliveries.ts";
import type { WebhookRequest } from "../ports/records.ts";
import { withParamName, partError } from "../domain/param-error.ts";

interface Asked {
  webhook_url?: string | undefined;
  webhook_events?: readonly WebhookEvent[] | undefined;
}

/**
 * The webhook that a request asks for. Throws `invalidRequest` for an address that may not be called, and for a caller
 * without a secret: better now than at the end of a job that was paid for. `within` is the field that holds the request.
 */
export async function readWebhook(
  { webhooks }: { webhooks: Webhooks },
  caller: string,
  { webhook_url: url, webhook_events: events }: Asked,
  within?: string,
): Promise<WebhookRequest | undefined> {
  const named = (field: keyof Asked) => (within === undefined ? field : `${within}.${field}`);
  const refusal = (field: keyof Asked, says: string) => partError(named(field), "invalidRequest", says);
  if (url === undefined) {
    if (events === undefined) return undefined;
    throw refusal("webhook_events", "says what webhook_url is told; give that too.");
  }
  if (subjectOf(caller) !== undefined)
    throw refusal("webhook_url", "can't be used with a token: ask for the job with the caller's own key.");
  if (!webhooks.canSign(caller)) {
    throw refusal(
      "webhook_url",
      "can't be used yet: the operator must give this caller a secret in the setting WEBHOOK_SECRETS.",
    );
  }
  try {
    await webhooks.check(url);
  } catch (error) {
    throw withParamName(named("webhook_url"), error);
  }
  return { url, events: [...new Set(events ?? webhookEvents)] };
}
