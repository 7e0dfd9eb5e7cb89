import type { OrchestrationContext } from "durable-functions";
import { type DeliverOutcome, type DeliveryInput, steps } from "../contracts/workflow.ts";
import { call, nowMs, type Steps, waitUntil } from "./call.ts";

// Storage that is away for longer than a step's own tries is asked again this often, for a day.
const outageMs = 15 * 60_000;
const mostOutages = 96;

/** One round of a delivery, to a webhook or a callback: tries, asleep in between. When each is due is the step's to say. */
export function* webhookDelivery(context: OrchestrationContext): Steps<void> {
  const delivery = context.df.getInput<DeliveryInput>();
  let attempt = 1;
  for (let outages = 0; outages < mostOutages;) {
    let outcome: DeliverOutcome;
    try {
      outcome = yield* call(context, steps.deliverWebhook, { ...delivery, attempt });
    } catch {
      // Nothing is known of the try, so it is made again: told twice is better than never.
      outages += 1;
      outcome = { kind: "again", attempt, at: nowMs(context) + outageMs };
    }
    if (outcome.kind === "over") return;
    attempt = outcome.attempt;
    yield* waitUntil(context, outcome.at);
  }
}
