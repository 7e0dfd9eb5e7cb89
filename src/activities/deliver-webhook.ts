import type { DeliverStep, DeliverOutcome } from "../contracts/workflow.ts";
import { deliveryIdOf, judgeReply, nextTry, type Verdict } from "../domain/webhook.ts";
import { webhookBody } from "../domain/webhook-body.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { storedImages, viewImage, viewJob } from "../job-view.ts";
import type { Clock, DeliveryStore, JobStore, Webhooks } from "../ports.ts";
import type { DeliveryAttempt, DeliveryRecord, JobProgress, JobRecord } from "../records.ts";

interface Dependencies {
  jobs: JobStore;
  deliveries: DeliveryStore;
  webhooks: Webhooks;
  clock: Clock;
}

/**
 * One POST of a webhook, recorded before anything follows from it. Cut off in between it is made again, under the same
 * id: at least once. Says when the next is due, or that there is none: delivered, given up, or another round's business.
 */
export const deliverWebhookWith =
  ({ jobs, deliveries, webhooks, clock }: Dependencies) =>
  async ({ jobId, round, attempt }: DeliverStep): Promise<DeliverOutcome> => {
    const [job, delivery] = await Promise.all([jobs.read(jobId), deliveries.read(jobId)]);
    const isCurrent = delivery?.round === round && delivery.status === "pending";
    if (!job?.webhook || !isCurrent) return { kind: "over" };
    // Recorded by an earlier run of this step, whose result was lost.
    if (delivery.next && delivery.next.attempt > attempt) return outcomeOf(delivery);

    const { caller, webhook } = job;
    const body = bodyOf(job, await jobs.readProgress(jobId), delivery);
    const at = clock.now();
    const reply = await webhooks.send({ caller, url: webhook.url, id: deliveryIdOf(jobId), body });
    const until = clock.now();
    const verdict = judgeReply(reply);
    const judged = judge(delivery, attempt, verdict, until);
    const record: DeliveryAttempt = withoutAbsent({
      round,
      attempt,
      at: at.toISOString(),
      durationMs: until.getTime() - at.getTime(),
      status: reply.kind === "answered" ? reply.status : undefined,
      failure: verdict.kind === "failed" ? verdict.reason : undefined,
    });
    await deliveries.record(judged, record);
    return outcomeOf(judged);
  };

function judge(delivery: DeliveryRecord, attempt: number, verdict: Verdict, now: Date): DeliveryRecord {
  const end = (status: DeliveryRecord["status"]) => withoutAbsent({ ...delivery, status, next: undefined });
  if (verdict.kind !== "failed") return end(verdict.kind);
  const following = nextTry(attempt, verdict.retryAfterMs);
  if (!following) return end("failed");
  const at = new Date(now.getTime() + following.waitMs).toISOString();
  return { ...delivery, next: { attempt: following.attempt, at } };
}

function outcomeOf({ next }: DeliveryRecord): DeliverOutcome {
  return next ? { kind: "again", attempt: next.attempt, at: Date.parse(next.at) } : { kind: "over" };
}

/** The job as everybody sees it, without links: a message may be read long after they are dead, and by others. */
function bodyOf(job: JobRecord, progress: JobProgress, { event, createdAt }: DeliveryRecord): string {
  const view = withoutAbsent({ ...viewJob(job, progress), webhook: undefined });
  const images = storedImages(progress).map((image) => viewImage(job.id, image));
  return webhookBody(event, job.finishedAt ?? createdAt, { ...view, images });
}
