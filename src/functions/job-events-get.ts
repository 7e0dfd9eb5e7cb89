import type { HttpResponseInit } from "@azure/functions";
import { setTimeout as sleep } from "node:timers/promises";
import { invalidRequest } from "../domain/app-error.ts";
import { isEnd } from "../domain/job-event.ts";
import type { Connections } from "../ports/callers.ts";
import type { Endpoint } from "../http/endpoint.ts";
import type { EventFeed, eventFeeds } from "../jobs/event-feed.ts";
import { findForReader, type SignedReading } from "../jobs/find-job.ts";
import { type EventView, renderEvent } from "../jobs/present-event.ts";
import type { JobResourceDeps } from "../jobs/job-resource.ts";

interface Dependencies extends SignedReading, JobResourceDeps {
  feeds: ReturnType<typeof eventFeeds>;
  connections: Connections;
  /** How long a stream says nothing before it says that it is alive, and how long it lasts at most. */
  streams?: { heartbeatMs: number; maxMs: number };
}

// A reply may be held for 230 seconds: that is where the platform's own front cuts it.
const defaultStreams = { heartbeatMs: 10_000, maxMs: 220_000 };

/**
 * What happens to a job, as server-sent events: first what has happened, then the rest as it comes, to the end of the job.
 * `Last-Event-ID` says what the watcher has seen already.
 */
export const jobEventsGet = (deps: Dependencies): Endpoint => ({
  name: "job-events-get",
  method: "GET",
  route: "api/jobs/{id}/events",
  access: "callerOrSignature",
  async handle(call) {
    const { request } = call;
    const seen = readLastEventId(request.headers.get("last-event-id"));
    const view = { origin: deps.originOf(request), inline: readInline(request.query.get("inline")) };
    const [job] = await findForReader(deps, call);
    const feed = await deps.feeds.join(job.id);
    try {
      // What another instance has sent may not have been read here yet.
      const isUnknown = () => seen > 0 && !feed.events[seen - 1];
      if (isUnknown()) await feed.catchUp();
      if (isUnknown()) throw unknownEventId();
    } catch (error) {
      feed.unsubscribe();
      throw error;
    }
    const last = feed.events[seen - 1];
    if (last && isEnd(last.event)) {
      feed.unsubscribe();
      // Nothing will ever come: the one answer that keeps an EventSource from asking again.
      return { status: 204, headers: { "cache-control": "no-store" } };
    }
    const { heartbeatMs, maxMs } = deps.streams ?? defaultStreams;
    const connection = deps.connections.of(call.requestId);
    const stopped = AbortSignal.any([connection.closed, AbortSignal.timeout(maxMs)]);
    const make = (left: AbortSignal) =>
      messages(deps, feed, { seen, view, heartbeatMs, stopped: AbortSignal.any([left, stopped]) });
    return streamOf(make, feed.unsubscribe, () => connection.taken(stopped));
  },
});

const encoder = new TextEncoder();

interface Watching {
  seen: number;
  view: EventView;
  heartbeatMs: number;
  stopped: AbortSignal;
}

async function* messages(
  deps: Dependencies,
  feed: EventFeed,
  { seen, view, heartbeatMs, stopped }: Watching,
): AsyncGenerator<Uint8Array> {
  try {
    yield encoder.encode("retry: 1000\n\n");
    for (let at = seen; ;) {
      // Taken before the events are looked at: what comes in between isn't missed.
      const news = feed.changed();
      for (let fed = feed.events[at]; fed; fed = feed.events[at]) {
        yield await renderEvent(deps, fed, view);
        at += 1;
        if (isEnd(fed.event)) return;
      }
      const isNews = await before(news, heartbeatMs, stopped);
      if (stopped.aborted) return;
      if (!isNews) yield encoder.encode(": still here\n\n");
    }
  } finally {
    feed.unsubscribe();
  }
}

/** Whether it came within the time; false at once when stopped. */
export async function before(news: Promise<void>, ms: number, stopped: AbortSignal): Promise<boolean> {
  const timer = new AbortController();
  const signal = AbortSignal.any([stopped, timer.signal]);
  const timeUp = sleep(ms, false, { signal }).catch(() => false);
  const isNews = await Promise.race([news.then(() => true), timeUp]);
  timer.abort();
  return isNews;
}

/**
 * Watchers that leave, and networks that drop them, end what is made for them; and nothing more is made for one that has
 * not taken what there was.
 */
export function streamOf(
  make: (left: AbortSignal) => AsyncGenerator<Uint8Array>,
  unsubscribe: () => void,
  taken: () => Promise<boolean>,
  headers: Record<string, string> = {},
): HttpResponseInit {
  const stop = new AbortController();
  const messages = make(stop.signal);
  async function end(): Promise<void> {
    stop.abort();
    await messages.return(undefined);
    // A generator that was never asked for anything ends without its own last words.
    unsubscribe();
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!(await taken())) await end();
        const next = await messages.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  return {
    status: 200,
    headers: {
      ...headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      // Some proxies gather small pieces into large ones unless told not to.
      "x-accel-buffering": "no",
    },
    body,
  };
}

function readLastEventId(text: string | null): number {
  if (text === null || text === "") return 0;
  if (!/^\d{1,9}$/.test(text)) throw unknownEventId();
  return Number(text);
}

function unknownEventId() {
  const message =
    "Last-Event-ID must be the id of an event that this stream has sent; leave it out to begin at the first.";
  return invalidRequest([{ param: "Last-Event-ID", message }]);
}

function readInline(text: string | null): boolean {
  if (text === null || text === "0") return false;
  if (text === "1") return true;
  const message = "inline must be one of: 0, 1.";
  throw invalidRequest([{ param: "inline", message, allowed: ["0", "1"] }]);
}
