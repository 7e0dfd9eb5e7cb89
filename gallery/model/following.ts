import type { ApiClient } from "../api/client.ts";
import { isEnded, type Job, type JobNews } from "../api/types.ts";
import { watchJob } from "../api/watch.ts";
import type { Connection } from "./connection.ts";
import { announce } from "./explain.ts";
import type { GalleryStore } from "./gallery-state.ts";
import { withNews } from "./live-job.ts";

// A browser opens six connections to one host over HTTP/1.1; the others must stay free for everything else.
const maxStreams = 3;

// Ten images that come at once are not ten announcements: one tells where the job stands, and the end is always told.
const quietMs = 5_000;

// Events tell what happens; when a job will start or end, and what it waits for, changes without one.
const rereadMs = 10_000;

/** Follows the jobs on the sheet that have no end yet, each until it has one, and says aloud how they fare. */
export class Following {
  readonly #api: ApiClient;
  readonly #store: GalleryStore;
  readonly #connection: Connection;
  readonly #watched = new Map<string, AbortController>();
  #streams = 0;
  #toldAt = -Infinity;

  constructor(api: ApiClient, store: GalleryStore, connection: Connection) {
    this.#api = api;
    this.#store = store;
    this.#connection = connection;
  }

  close(): void {
    for (const watch of this.#watched.values()) watch.abort();
  }

  /** After the sheet has changed: what has come is followed, what has left it no more. */
  level(): void {
    for (const [id, watch] of this.#watched) if (!this.#store.find(id)) watch.abort();
    for (const { job } of this.#store.state.jobs) {
      if (isEnded(job) || this.#watched.has(job.id)) continue;
      const stop = new AbortController();
      const asksOnly = this.#streams >= maxStreams;
      if (!asksOnly) this.#streams += 1;
      this.#watched.set(job.id, stop);
      void this.#follow(job.id, stop.signal, asksOnly).finally(() => {
        this.#watched.delete(job.id);
        if (!asksOnly) this.#streams -= 1;
      });
    }
  }

  async #follow(id: string, signal: AbortSignal, asksOnly: boolean): Promise<void> {
    const watcher = {
      news: (news: JobNews) => this.#hear(id, news),
      snapshot: (job: Job) => {
        // It may have left the sheet meanwhile: deleted, or not what is looked for now.
        if (!this.#store.find(id)) return;
        this.#store.put(job);
        if (isEnded(job)) this.#store.set({ said: announce(job) });
      },
      reach: (isThere: boolean) => this.#connection.reach(isThere),
    };
    const pause = (ms: number) => this.#connection.pause(ms);
    const reread = setInterval(() => {
      // What goes wrong here, the events' own connection finds out.
      if (!asksOnly) void this.#api.job(id, signal).then(watcher.snapshot, () => undefined);
    }, rereadMs);
    await watchJob(id, watcher, { api: this.#api, signal, asksOnly, pause }).finally(() =>
      clearInterval(reread),
    );
    // A job that nobody will tell of any more must not look as if it went on.
    const live = this.#store.find(id);
    if (live && !isEnded(live.job) && !signal.aborted) this.#store.drop(id);
  }

  #hear(id: string, news: JobNews): void {
    const { jobs } = this.#store.state;
    this.#store.set({ jobs: jobs.map((live) => (live.job.id === id ? withNews(live, news) : live)) });
    const job = this.#store.find(id)?.job;
    if ("job" in news) this.#store.set({ said: announce(news.job) });
    else if (job && (news.type === "image.succeeded" || "failure" in news)) this.#tell(job);
  }

  #tell(job: Job): void {
    const now = Date.now();
    if (now - this.#toldAt < quietMs) return;
    this.#toldAt = now;
    this.#store.set({ said: announce(job) });
  }
}
