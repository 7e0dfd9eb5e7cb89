import type { InvocationContext } from "@azure/functions";
import type { NotifyCompletionStep } from "../contracts/workflow.ts";
import { concerns, type DeliveryTarget, targetOf } from "../domain/hook.ts";
import { ownerTag } from "../domain/job-id.ts";
import { eventOf, type WebhookEvent } from "../domain/webhook.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryRunner, DeliveryStore, HookStore } from "../ports/deliveries.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { JobRecord } from "../ports/records.ts";

interface Dependencies {
  jobs: JobStore;
  deliveries: DeliveryStore;
  hooks: Pick<HookStore, "list">;
  clock: Clock;
  deliveryRunner: (context: InvocationContext) => DeliveryRunner;
}

type NotifyCompletion = (
  step: NotifyCompletionStep,
  context: InvocationContext,
) => Promise<{ notified: boolean }>;

/**
 * Has the end of a job told to the one who wants to know: its webhook, the runs that wait for it, and hooks of its caller. The
 * job's row says `due` from its first write until the deliveries are under way, so anyone who is cut off in here leaves it to
 * jobs-reconcile. Safe to run at any time, by several at once, and for any job: a job has one delivery for each target, and
 * a round of it is run once.
 */
export const notifyCompletionWith =
  (deps: Dependencies): NotifyCompletion =>
  async ({ jobId, late }, context) => {
    const job = await deps.jobs.read(jobId);
    // A run before this one may have been cut off behind its write.
    if (!job) await deps.deliveries.removeOrphan(jobId);
    const event = job && eventOf(job.status);
    if (!event) return { notified: false };
    if (late) {
      await startDelivery(deps, jobId, event, late, context);
      return { notified: true };
    }
    if (job.notification !== "pending") return { notified: false };
    const targets = await targetsOf(deps, job, event);
    await Promise.all(targets.map((target) => startDelivery(deps, jobId, event, target, context)));
    await deps.jobs.markNotification(jobId, "sent");
    return { notified: targets.length > 0 };
  };

/** The webhook goes by no name: it is what was there first. */
async function targetsOf(
  { hooks }: Dependencies,
  job: JobRecord,
  event: WebhookEvent,
): Promise<(DeliveryTarget | undefined)[]> {
  const known = await hooks.list(ownerTag("job", job.id));
  return [
    ...(job.webhook?.events.includes(event) ? [undefined] : []),
    ...(job.callbacks ?? []).map(({ name }) => targetOf({ kind: "callback", name })),
    ...known.filter((hook) => concerns(hook, job)).map(({ name }) => targetOf({ kind: "hook", name })),
  ];
}

async function startDelivery(
  { jobs, deliveries, clock, deliveryRunner }: Dependencies,
  jobId: string,
  event: WebhookEvent,
  target: DeliveryTarget | undefined,
  context: InvocationContext,
): Promise<void> {
  const createdAt = clock.now().toISOString();
  const next = { attempt: 1, at: createdAt };
  const first = { jobId, target, event, status: "pending" as const, round: 1, createdAt, next };
  const delivery = await deliveries.open(withoutAbsent(first));
  if (delivery?.status !== "pending") return;
  const round = withoutAbsent({ jobId, round: delivery.round, target });
  const runner = deliveryRunner(context);
  await runner.start(round);
  // A deletion that was here before the start couldn't see it.
  if (await jobs.isDeleted(jobId)) await runner.purge(round);
}
