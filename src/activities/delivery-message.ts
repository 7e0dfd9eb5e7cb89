import { nameOfTarget } from "../domain/hook.ts";
import { ownerTag } from "../domain/job-id.ts";
import { deliveryIdOf, type WebhookReply } from "../domain/webhook.ts";
import { webhookBody } from "../domain/webhook-body.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { storedImages, viewImage, viewJob } from "../jobs/job-view.ts";
import type { Callbacks, HookStore, Webhooks } from "../ports/deliveries.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { DeliveryRecord, JobProgress, JobRecord } from "../ports/records.ts";

export interface DeliveryDeps {
  jobs: JobStore;
  hooks: Pick<HookStore, "read" | "drop">;
  webhooks: Webhooks;
  callbacks: Callbacks;
  /** Where callers reach the app, where that is configured: no request is at hand that would say. */
  publicOrigin?: string | undefined;
  /** What a callback is sent of an ended job, in the words of the surface that took its address. */
  callbackBody: (
    job: JobRecord,
    progress: JobProgress,
    wanted: { includeContent: boolean },
  ) => Promise<object>;
}

/** One message on its way: how it is sent, how its answers are judged, and what becomes of who wants no more. */
interface OutgoingDelivery {
  of: "webhook" | "callback";
  send: () => Promise<WebhookReply>;
  /** Before it is recorded that there is nobody any more: cut off in between, the next try finds nobody. */
  onGone?: () => Promise<void>;
}

/** What a delivery sends, made anew for each try; undefined once nobody is there to be told. */
export async function buildDelivery(
  deps: DeliveryDeps,
  job: JobRecord,
  delivery: DeliveryRecord,
): Promise<OutgoingDelivery | undefined> {
  const { target } = delivery;
  if (target === undefined) return toWebhook(deps, job, delivery);
  const callbackName = nameOfTarget(target, "callback");
  if (callbackName !== undefined) {
    const callback = job.callbacks?.find(({ name }) => name === callbackName);
    return callback && { of: "callback", send: () => toCallback(deps, job, callback) };
  }
  const hook = await deps.hooks.read(ownerTag("job", job.id), nameOfTarget(target, "hook") ?? "");
  return (
    hook && {
      of: "callback",
      send: () => toCallback(deps, job, hook),
      onGone: () => deps.hooks.drop(hook),
    }
  );
}

async function toWebhook(
  { jobs, webhooks, publicOrigin }: DeliveryDeps,
  job: JobRecord,
  delivery: DeliveryRecord,
): Promise<OutgoingDelivery | undefined> {
  const { id: jobId, caller, webhook } = job;
  if (!webhook) return undefined;
  const body = bodyOf({ publicOrigin }, job, await jobs.readProgress(jobId), delivery);
  const send = () => webhooks.send({ caller, url: webhook.url, id: deliveryIdOf(jobId), body });
  return { of: "webhook", send };
}

/** Links are made here and stored nowhere: they are fresh however late the try. */
async function toCallback(
  deps: DeliveryDeps,
  job: JobRecord,
  { url, includeContent = false }: { url: string; includeContent?: boolean },
): Promise<WebhookReply> {
  const progress = await deps.jobs.readProgress(job.id);
  const outcome = await deps.callbackBody(job, progress, { includeContent });
  return deps.callbacks.send({ url, body: JSON.stringify(outcome) });
}

/** The job as everybody sees it, without links: a message may be read long after they are dead, and by others. */
function bodyOf(
  { publicOrigin }: Pick<DeliveryDeps, "publicOrigin">,
  job: JobRecord,
  progress: JobProgress,
  { event, createdAt }: DeliveryRecord,
): string {
  const view = withoutAbsent({ ...viewJob(job, progress, publicOrigin), webhook: undefined });
  const images = storedImages(progress).map((image) => {
    const shown = viewImage(job.id, image, publicOrigin ?? "");
    // Made when it is first asked for: the end is told before thumbnails are made.
    return { ...shown, thumbnail_url: `${shown.content_url}?thumbnail=512` };
  });
  return webhookBody(event, job.finishedAt ?? createdAt, { ...view, images });
}
