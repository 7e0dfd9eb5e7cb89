import type { DeliveryTarget } from "./hook.ts";
import type { JobStatus } from "./image-job.ts";

/** What a webhook tells, and how it is tried again: decisions only. */

export const webhookEvents = ["job.succeeded", "job.failed", "job.canceled"] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** The event of a job's end; undefined while it has none. */
export function eventOf(status: JobStatus): WebhookEvent | undefined {
  return webhookEvents.find((event) => event === `job.${status}`);
}

/**
 * One delivery for each job and target, since a job ends once. The webhook's is the message's `webhook-id` too, the same
 * for every try.
 */
export function deliveryIdOf(jobId: string, target?: DeliveryTarget): string {
  return jobId.replace(/^job_/, "dlv_") + (target === undefined ? "" : `-${target}`);
}

const minute = 60_000;
const hour = 60 * minute;
/** When each try is made, counted from the first: ten over 24 hours, soon at first, for a receiver that restarts. */
export const tryOffsetsMs: readonly number[] = [
  ...[0, 5_000, minute, 5 * minute, 20 * minute],
  ...[hour, 3 * hour, 8 * hour, 16 * hour, 24 * hour],
];

interface NextTry {
  /** Counted from 1. */
  attempt: number;
  waitMs: number;
}

/**
 * The try after a failed one; undefined when that was the last. A receiver that asks for a pause is given it: tries that
 * would fall into it are left out, but for the last one, which ends the schedule.
 */
export function nextTry(attempt: number, retryAfterMs = 0): NextTry | undefined {
  const failedAt = tryOffsetsMs[attempt - 1] ?? Infinity;
  const after = tryOffsetsMs
    .map((at, index) => ({ attempt: index + 1, waitMs: at - failedAt }))
    .slice(attempt);
  return after.find(({ waitMs }) => waitMs >= retryAfterMs) ?? after.at(-1);
}

/** What came of one POST: an answer, or the reason why there was none. */
export type WebhookReply =
  | { kind: "answered"; status: number; retryAfterMs: number }
  | { kind: "unanswered"; reason: string };

/** `disabled`: the receiver wants no more of it, ever. */
export type DeliveryResult =
  | { kind: "delivered" }
  | { kind: "disabled" }
  | { kind: "failed"; reason: string; retryAfterMs: number };

const pausing = [429, 503];

const closedStatuses = { webhook: [410], callback: [404, 410] };

/**
 * Only 2xx is a delivery. A redirect is a failure: anyone who answers it isn't who was named. An engine answers 404 once
 * nothing waits behind a callback's address any more; behind a webhook's that may be a mistake which is mended.
 */
export function classifyResponse(
  reply: WebhookReply,
  of: keyof typeof closedStatuses = "webhook",
): DeliveryResult {
  if (reply.kind === "unanswered") return { kind: "failed", reason: reply.reason, retryAfterMs: 0 };
  const { status, retryAfterMs } = reply;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (closedStatuses[of].includes(status)) return { kind: "disabled" };
  const isRedirect = status >= 300 && status < 400;
  return {
    kind: "failed",
    reason: `The receiver answered ${status}${isRedirect ? "; redirects aren't followed" : ""}.`,
    retryAfterMs: pausing.includes(status) ? retryAfterMs : 0,
  };
}
