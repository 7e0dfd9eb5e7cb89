import { setTimeout as sleep } from "node:timers/promises";
import { isTerminal } from "../domain/image-job.ts";
import { isEnd, type NumberedEvent } from "../domain/job-event.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import { findJob } from "./find-job.ts";
import { jobBell } from "./job-bell.ts";

/** A job's events as they come, for everybody who watches it here. */
export interface EventFeed {
  /** All events so far, from the first. */
  readonly events: readonly FedEvent[];
  /** Resolves when there are more. */
  changed(): Promise<void>;
  /** Reads what has come since the last look. */
  catchUp(): Promise<void>;
  /** To be called by each watcher that leaves, once or more; without any, reading stops. */
  unsubscribe: () => void;
}

/** An event with the job as it stood when the event was read; whatever the event tells of is in there. */
export interface FedEvent {
  event: NumberedEvent;
  job: JobRecord;
  progress: JobProgress;
  /** What was made of it for watchers, by what they asked for: made once, however many they are. */
  rendered: Map<string, Promise<Uint8Array>>;
}

// What a watcher may wait for news that another instance wrote; more, as long as there are none.
const defaultPauseMs = 200;
const maxPauseMs = 1_000;

// The links in an ended job's events age; so long may they be handed on.
const sharedMs = 60_000;

interface Feed {
  events: FedEvent[];
  watchers: number;
  change: PromiseWithResolvers<void>;
  loaded: Promise<void>;
}

/**
 * Watchers of one job on one instance share one reader of the store, however many they are. What this instance writes is
 * read at once; the store is asked again and again all the same, because anyone who writes may sit on another instance.
 */
export function eventFeeds(jobs: JobStore, pauseMs = defaultPauseMs) {
  const feeds = new Map<string, Feed>();

  /** Resolves once the past is read. Throws `notFound` when there is no such job. */
  async function join(jobId: string): Promise<EventFeed> {
    const feed = feeds.get(jobId) ?? begin(jobId);
    feed.watchers += 1;
    let isHere = true;
    const unsubscribe = () => {
      if (isHere) feed.watchers -= 1;
      isHere = false;
      if (feed.watchers === 0 && hasEnded(feed)) dropFeed(jobId, feed);
    };
    try {
      await feed.loaded;
    } catch (error) {
      unsubscribe();
      throw error;
    }
    return {
      events: feed.events,
      changed: () => feed.change.promise,
      catchUp: () => read(jobId, feed),
      unsubscribe,
    };
  }

  function begin(jobId: string): Feed {
    const feed: Feed = {
      events: [],
      watchers: 0,
      change: Promise.withResolvers(),
      loaded: Promise.resolve(),
    };
    feeds.set(jobId, feed);
    feed.loaded = load(jobId, feed);
    feed.loaded.then(
      () => void follow(jobId, feed),
      () => feeds.delete(jobId),
    );
    return feed;
  }

  async function load(jobId: string, feed: Feed): Promise<void> {
    const recorded = await jobs.readEvents(jobId, 1);
    // Read after the events, so that it holds all they tell of. An end that was written in between comes with the next
    // look.
    const [job, progress] = await findJob(jobs, jobId);
    // A job that was refused when it was recorded, or that ended before events were kept, has its record only.
    const unsaid = isTerminal(job.status) && !recorded.some(isEnd) && progress.end === undefined;
    const number = Math.max(1, ...recorded.map((event) => event.number)) + 1;
    const end: NumberedEvent[] = unsaid
      ? [{ type: `job.${job.status}`, number, at: job.finishedAt ?? job.createdAt }]
      : [];
    add(feed, [{ type: "job.queued", number: 1, at: job.createdAt }, ...recorded, ...end], job, progress);
  }

  async function follow(jobId: string, feed: Feed): Promise<void> {
    const bell = jobBell(jobs, jobId);
    let waitMs = pauseMs;
    while (feed.watchers > 0 && !hasEnded(feed)) {
      await bell.ring(waitMs);
      const known = feed.events.length;
      try {
        await read(jobId, feed);
        waitMs = feed.events.length > known ? pauseMs : Math.min(maxPauseMs, 1.5 * waitMs);
      } catch {
        // Storage that is away for a moment is no reason to send watchers away; their streams have an end of their own.
        continue;
      }
    }
    bell.put();
    // Anyone who comes to an ended job while others are there shares what they have, or a crowd would be a copy for each.
    if (feed.watchers > 0) await sleep(sharedMs, undefined, { ref: false });
    dropFeed(jobId, feed);
  }

  /** Anyone who joins from now on reads anew; those who are here keep what was read. */
  function dropFeed(jobId: string, feed: Feed): void {
    if (feeds.get(jobId) === feed) feeds.delete(jobId);
  }

  async function read(jobId: string, feed: Feed): Promise<void> {
    if (!hasEnded(feed)) await take(jobId, feed, await jobs.readEvents(jobId, numberOfLast(feed)));
  }

  async function take(jobId: string, feed: Feed, events: NumberedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const known = feed.events.at(-1);
    // A partial image says all there is to it; of anything else the job knows more, if it is read after the event.
    const [job, progress] =
      known && events.every(({ type }) => type === "image.partial")
        ? ([known.job, known.progress] as const)
        : await findJob(jobs, jobId);
    add(feed, events, job, progress);
  }

  function add(feed: Feed, events: NumberedEvent[], job: JobRecord, progress: JobProgress): void {
    // Two readings may have overlapped: what one has added isn't added again.
    const fresh = events.filter(({ number }) => number > numberOfLast(feed));
    feed.events.push(...fresh.map((event) => ({ event, job, progress, rendered: new Map() })));
    const { resolve } = feed.change;
    feed.change = Promise.withResolvers();
    resolve();
  }

  return { join };
}

function numberOfLast({ events }: Feed): number {
  return events.at(-1)?.event.number ?? 0;
}

function hasEnded({ events }: Feed): boolean {
  const last = events.at(-1);
  return last !== undefined && isEnd(last.event);
}
