import type { InvocationContext } from "@azure/functions";
import { eventOf } from "../domain/webhook.ts";
import type { Clock, DeliveryRunner, DeliveryStore, JobStore } from "../ports.ts";

interface Dependencies {
  jobs: JobStore;
  deliveries: DeliveryStore;
  clock: Clock;
  deliveryRunner: (context: InvocationContext) => DeliveryRunner;
}

type Notify = (step: { jobId: string }, context: InvocationContext) => Promise<{ notified: boolean }>;

/**
 * Has the end of a job told by its webhook, if it has one that wants to know. The job's row says `due` from its first
 * write until the delivery is under way, so whoever is cut off in here leaves it to jobs-reconcile. Safe to run at any
 * time, by several at once, and for any job: a job has one delivery, and a round of it is run once.
 */
export const notifyWith =
  ({ jobs, deliveries, clock, deliveryRunner }: Dependencies): Notify =>
  async ({ jobId }, context) => {
    const job = await jobs.read(jobId);
    const event = job && eventOf(job.status);
    if (job?.webhook?.state !== "due" || !event) return { notified: false };
    const wanted = job.webhook.events.includes(event);
    if (wanted) {
      const createdAt = clock.now().toISOString();
      const next = { attempt: 1, at: createdAt };
      const first = { jobId, event, status: "pending" as const, round: 1, createdAt, next };
      const { status, round } = await deliveries.open(first);
      if (status === "pending") await deliveryRunner(context).start({ jobId, round });
    }
    await deliveries.mark(jobId, "settled");
    return { notified: wanted };
  };
