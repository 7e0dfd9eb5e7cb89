import type { OrchestrationContext } from "durable-functions";
import { type DeliverOutcome, type DeliveryInput, steps } from "../contracts/workflow.ts";
import { call, nowMs, type Steps, waitUntil } from "./call.ts";

// Storage that is away for longer than a step's own tries is asked again this often, for a day.
const outageMs = 15 * 60_000;
const maxOutages = 96;

/**
 * One round of a delivery, to a webhook or a callback: tries, asleep in between. When each is due is the step's to say. Each
 * try has a generation of its own, so that no history grows with the tries.
 */
export function* webhookDelivery(context: OrchestrationContext): Steps<void> {
  const { resume = { attempt: 1, outages: 0 }, ...delivery } = context.df.getInput<DeliveryInput>();
  if (resume.wakeAt !== undefined) yield* waitUntil(context, resume.wakeAt);
  const { attempt } = resume;
  let { outages } = resume;
  let outcome: DeliverOutcome;
  try {
    outcome = yield* call(context, steps.deliverWebhook, { ...delivery, attempt });
  } catch {
    // Nothing is known of the try, so it is made again: told twice is better than never.
    outages += 1;
    outcome = { kind: "again", attempt, at: nowMs(context) + outageMs };
  }
  if (outcome.kind === "over" || outages >= maxOutages) return;
  const next = { attempt: outcome.attempt, wakeAt: outcome.at, outages };
  context.df.continueAsNew({ ...delivery, resume: next } satisfies DeliveryInput);
}
