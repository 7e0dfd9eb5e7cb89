import type { HttpResponseInit } from "@azure/functions";
import { isEnd } from "../../domain/job-event.ts";
import type { EndpointCall } from "../../http/endpoint.ts";
import type { EventFeed, eventFeeds, FedEvent } from "../../jobs/event-feed.ts";
import { before, streamOf } from "../../functions/job-events-get.ts";
import type { ImageStore } from "../../ports/images.ts";
import type { JobRecord, StoredImage } from "../../ports/records.ts";
import { settleResponse } from "../await-end.ts";
import { keepLease } from "../response-lease.ts";
import type { Submitted } from "../submit-once.ts";
import { type AnswerDeps, answerWithJob, headersOf, type Rendering } from "./answer.ts";
import { base64Of, settingsOf } from "./images-reply.ts";

export interface StreamDeps extends AnswerDeps {
  images: ImageStore;
  feeds: ReturnType<typeof eventFeeds>;
  /** How long nothing is said before a comment says that the stream is alive, and how long it lasts at most. */
  streams?: { heartbeatMs: number; maxMs: number };
}

const defaultStreams = { heartbeatMs: 10_000, maxMs: 220_000 };
const encoder = new TextEncoder();

/**
 * A job's pictures as they come, in OpenAI's events. A job that ends in a failure before its first picture is answered as
 * without a stream, with a status; later, or after a silence, an `error` event is all there can be.
 */
export async function streamOfJob(
  deps: StreamDeps,
  call: EndpointCall,
  submitted: Submitted,
  rendering: Rendering,
): Promise<HttpResponseInit> {
  const { heartbeatMs, maxMs } = deps.streams ?? defaultStreams;
  const { context, requestId } = call;
  const { holding } = submitted;
  const connection = deps.connections.of(requestId);
  const feed = await deps.feeds.join(submitted.job.id);
  const stopped = AbortSignal.any([connection.closed, AbortSignal.timeout(maxMs)]);
  const release = keepLease(deps, holding, connection, context);
  if (await failsSilently(feed, heartbeatMs, stopped)) {
    release();
    feed.unsubscribe();
    return answerWithJob(deps, call, submitted, rendering);
  }
  const progress = { isWhole: false };
  const make = (left: AbortSignal) =>
    messages(deps, { feed, rendering, heartbeatMs, progress, stopped: AbortSignal.any([left, stopped]) });
  if (holding)
    void connection.written.then((isWritten) => {
      release();
      return settleResponse(deps, holding, isWritten && progress.isWhole ? "delivered" : "lost", context);
    });
  return streamOf(make, feed.unsubscribe, () => connection.taken(stopped), headersOf(submitted));
}

/** Waits for the first thing to tell of; whether it is that the job made nothing. */
async function failsSilently(feed: EventFeed, heartbeatMs: number, stopped: AbortSignal): Promise<boolean> {
  const leftMs = () => until - performance.now();
  const until = performance.now() + heartbeatMs;
  while (leftMs() > 0 && !stopped.aborted) {
    const news = feed.changed();
    if (feed.events.some(({ event }) => event.type === "image.partial" || event.type === "image.succeeded"))
      return false;
    const last = feed.events.at(-1);
    if (last && isEnd(last.event)) return true;
    await before(news, leftMs(), stopped);
  }
  return false;
}

interface EventStreamDeps {
  feed: EventFeed;
  rendering: Rendering;
  heartbeatMs: number;
  progress: { isWhole: boolean };
  stopped: AbortSignal;
}

async function* messages(
  { images }: StreamDeps,
  { feed, rendering: { errors }, heartbeatMs, progress, stopped }: EventStreamDeps,
): AsyncGenerator<Uint8Array> {
  // The last picture waits for the job's end, which follows at once and knows the usage.
  let last: { job: JobRecord; image: StoredImage } | undefined;
  try {
    for (let at = 0; ;) {
      const news = feed.changed();
      for (let fed = feed.events[at]; fed; fed = feed.events[at]) {
        at += 1;
        const { event, job } = fed;
        if (event.type === "image.partial") yield await partial(images, job, event);
        const image = storedIn(fed);
        if (image && last) yield await completed(images, last.job, last.image);
        if (image) last = { job, image };
        if (!isEnd(event)) continue;
        progress.isWhole = true;
        if (job.status !== "succeeded")
          yield message("error", { type: "error", error: errors.ofFailure(job).error });
        else if (last) yield await completed(images, job, last.image);
        return;
      }
      const isNews = await before(news, heartbeatMs, stopped);
      const { job } = feed.events.at(-1) ?? {};
      if (stopped.aborted && job)
        yield message("error", { type: "error", error: errors.ofLate(job.id).error });
      if (stopped.aborted) return;
      if (!isNews) yield encoder.encode(": still here\n\n");
    }
  } finally {
    feed.unsubscribe();
  }
}

function storedIn({ event, progress }: FedEvent): StoredImage | undefined {
  if (event.type !== "image.succeeded") return undefined;
  const slot = progress.slots.find(({ index }) => index === event.index);
  return slot?.state === "stored" ? slot : undefined;
}

async function partial(
  images: ImageStore,
  job: JobRecord,
  { blob, step, at }: { blob: string; step: number; at: string },
): Promise<Uint8Array> {
  const type = `${subjectOf(job)}.partial_image`;
  const b64_json = await base64Of(images, { blob });
  const created_at = Math.floor(Date.parse(at) / 1000);
  return message(type, { type, b64_json, partial_image_index: step, created_at, ...settingsOf(job) });
}

async function completed(images: ImageStore, job: JobRecord, image: StoredImage): Promise<Uint8Array> {
  const type = `${subjectOf(job)}.completed`;
  const b64_json = await base64Of(images, image);
  const created_at = Math.floor(Date.parse(job.finishedAt ?? job.createdAt) / 1000);
  return message(type, { type, b64_json, created_at, usage: job.usage, ...settingsOf(job) });
}

function subjectOf({ kind }: JobRecord): string {
  return kind === "edit" ? "image_edit" : "image_generation";
}

function message(event: string, data: object): Uint8Array {
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
