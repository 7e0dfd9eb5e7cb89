import type { Delivery } from "../contracts/deliveries.ts";
import { deliveryIdOf } from "../domain/webhook.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { DeliveryAttempt, DeliveryRecord } from "../ports/records.ts";

/** A delivery as its job's caller sees it. */
export function presentDelivery(
  { jobId, event, status, createdAt, next }: DeliveryRecord,
  attempts: readonly DeliveryAttempt[],
): Delivery {
  return withoutAbsent({
    id: deliveryIdOf(jobId),
    event,
    status,
    created_at: createdAt,
    next_attempt_at: next?.at,
    attempts: attempts.map((attempt) =>
      withoutAbsent({
        at: attempt.at,
        duration_ms: attempt.durationMs,
        status: attempt.status,
        failure: attempt.failure,
      }),
    ),
  });
}
