import type { DeliverStep, DeliverOutcome } from "../contracts/workflow.ts";
import { ownerTag } from "../domain/job-id.ts";
import { classifyResponse, nextTry, type DeliveryResult } from "../domain/webhook.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryStore } from "../ports/deliveries.ts";
import type { DeliveryAttempt, DeliveryRecord } from "../ports/records.ts";
import { type DeliveryDeps, buildDelivery } from "./delivery-message.ts";
import { concurrencyLimit } from "./concurrency-limit.ts";

// Receivers are strangers: many that accept a POST and never answer are not to hold every step of an instance.
const maxDeliveriesPerCaller = 8;

interface Dependencies extends DeliveryDeps {
  deliveries: DeliveryStore;
  clock: Clock;
}

/**
 * One POST to a webhook or a callback, recorded before anything follows from it. Cut off in between it is made again, under
 * the same id: at least once. Says when the next is due, or that there is none: delivered, given up, or another round's
 * business. The same goes for one that finds its caller's share of the instance taken: it is no try.
 */
export const deliverWebhookWith = (deps: Dependencies) => {
  const limit = concurrencyLimit(deps.clock, maxDeliveriesPerCaller);
  return async (step: DeliverStep): Promise<DeliverOutcome> => {
    const { jobId, attempt } = step;
    const place = limit.tryAcquire(ownerTag("job", jobId));
    if (place.kind === "full") return { kind: "again", attempt, at: place.retryAt };
    try {
      return await deliver(deps, step);
    } finally {
      place.release();
    }
  };
};

async function deliver(
  deps: Dependencies,
  { jobId, target, round, attempt }: DeliverStep,
): Promise<DeliverOutcome> {
  const { jobs, deliveries, clock } = deps;
  const [job, delivery] = await Promise.all([jobs.read(jobId), deliveries.read(jobId, target)]);
  const isCurrent = delivery?.round === round && delivery.status === "pending";
  if (!job || !isCurrent) return { kind: "over" };
  // Recorded by an earlier run of this step, whose result was lost.
  if (delivery.next && delivery.next.attempt > attempt) return outcomeOf(delivery);

  const message = await buildDelivery(deps, job, delivery);
  if (!message) return { kind: "over" };
  const at = clock.now();
  const reply = await message.send();
  const until = clock.now();
  const result = classifyResponse(reply, message.of);
  if (result.kind === "disabled") await message.onGone?.();
  const updated = applyResult(delivery, attempt, result, until);
  const record: DeliveryAttempt = withoutAbsent({
    round,
    attempt,
    at: at.toISOString(),
    durationMs: until.getTime() - at.getTime(),
    status: reply.kind === "answered" ? reply.status : undefined,
    failure: result.kind === "failed" ? result.reason : undefined,
  });
  await deliveries.record(updated, record);
  return outcomeOf(updated);
}

function applyResult(
  delivery: DeliveryRecord,
  attempt: number,
  result: DeliveryResult,
  now: Date,
): DeliveryRecord {
  const end = (status: DeliveryRecord["status"]) => withoutAbsent({ ...delivery, status, next: undefined });
  if (result.kind !== "failed") return end(result.kind);
  const following = nextTry(attempt, result.retryAfterMs);
  if (!following) return end("failed");
  const at = new Date(now.getTime() + following.waitMs).toISOString();
  return { ...delivery, next: { attempt: following.attempt, at } };
}

function outcomeOf({ next }: DeliveryRecord): DeliverOutcome {
  return next ? { kind: "again", attempt: next.attempt, at: Date.parse(next.at) } : { kind: "over" };
}
