import type { JobEventReply } from "../contracts/job-events.ts";
import { errorInfo } from "../domain/app-error.ts";
import { isEnd, type PartialImageEvent } from "../domain/job-event.ts";
import { viewError } from "./job-view.ts";
import type { FedEvent } from "./event-feed.ts";
import { presentImage, presentPartial, toJobResource, type JobResourceDeps } from "./job-resource.ts";

/** How a watcher wants to see events: by the address it used, and with partial images inside or behind links. */
export interface EventView {
  origin: string;
  inline: boolean;
}

/** One event as it travels: a message of a server-sent stream. */
export function renderEvent(presenter: JobResourceDeps, fed: FedEvent, view: EventView): Promise<Uint8Array> {
  // Jobs and images hold addresses of ours; anything else is one text for all, whatever host they asked.
  const holdsAddress = isEnd(fed.event) || fed.event.type === "image.succeeded";
  const key = holdsAddress ? view.origin : view.inline ? "inline" : "link";
  const earlier = fed.rendered.get(key);
  if (earlier) return earlier;
  const { number, type } = fed.event;
  const made = presentEvent(presenter, fed, view).then((data) =>
    new TextEncoder().encode(`id: ${number}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`),
  );
  fed.rendered.set(key, made);
  // One that failed is made anew for the next who asks.
  made.catch(() => fed.rendered.delete(key));
  return made;
}

async function presentEvent(
  presenter: JobResourceDeps,
  { event, job, progress }: FedEvent,
  { origin, inline }: EventView,
): Promise<JobEventReply> {
  const common = { type: event.type, job_id: job.id, created_at: event.at };
  switch (event.type) {
    case "job.queued":
    case "job.running":
      return common;
    case "job.waiting":
      return { ...common, waiting: event.waiting };
    case "job.succeeded":
    case "job.failed":
    case "job.canceled":
      return { ...common, job: await toJobResource(presenter, job, progress, origin) };
    case "image.partial":
      return { ...common, ...(await presentPartialEvent(presenter, event, inline)) };
    case "image.succeeded":
    case "image.refused":
    case "image.failed": {
      const { index } = event;
      const slot = progress.slots.find((candidate) => candidate.index === index);
      if (slot?.state === "stored")
        return { ...common, index, image: await presentImage(presenter.images, job.id, slot, origin) };
      const failure = slot?.failure ?? errorInfo("internal", "The reason was not recorded.");
      return { ...common, index, failure: { index, ...viewError(failure) } };
    }
  }
}

async function presentPartialEvent({ images }: JobResourceDeps, partial: PartialImageEvent, inline: boolean) {
  // A day later it is gone, which is no reason to keep the rest of the past from a late watcher.
  const bytes = inline ? await images.read(partial.blob).catch(() => undefined) : undefined;
  return {
    ...(await presentPartial(images, partial)),
    ...(bytes && { b64_json: Buffer.from(bytes).toString("base64") }),
  };
}
