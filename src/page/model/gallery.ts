import { type ApiClient, ApiError, AwayError, type JobFilters } from "../api/client.ts";
import { isEnded, type Job, type JobNews, type Model } from "../api/types.ts";
import { watchJob } from "../api/watch.ts";
import { describeStanding } from "./explain.ts";
import { fresh, type LiveJob, wanted, withNews, withSnapshot } from "./live-job.ts";
import { retrySignal } from "./retry-signal.ts";

/** All that the page shows, in one value that is replaced and never changed. */
export interface GalleryState {
  models: readonly Model[];
  /** Newest first. */
  jobs: readonly LiveJob[];
  filters: JobFilters;
  nextCursor?: string | undefined;
  loading: "idle" | "first" | "more";
  /** Why the list could not be read. */
  problem?: string | undefined;
  isAway: boolean;
  /** Said aloud to those who don't see it. */
  said: string;
  /** The key was refused. */
  isLockedOut: boolean;
}

export const emptyGallery: GalleryState = {
  models: [],
  jobs: [],
  filters: {},
  loading: "idle",
  isAway: false,
  said: "",
  isLockedOut: false,
};

// A browser opens six connections to one host over HTTP/1.1; the others must stay free for everything else.
const mostStreams = 3;

/** Holds what the page shows, level with the server: lists, follows running jobs, sends, and comes back after an outage. */
export class Gallery {
  readonly api: ApiClient;
  #state = emptyGallery;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new Map<string, AbortController>();
  readonly #retry = retrySignal();
  readonly #life = new AbortController();
  #awayLoop = false;
  #reading = 0;
  #streams = 0;

  constructor(api: ApiClient) {
    this.api = api;
  }

  get state(): GalleryState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#life.abort();
    for (const watch of this.#watched.values()) watch.abort();
  }

  /** Something says that the network is back: whatever waits tries again now. */
  nudge(): void {
    this.#retry.fire();
  }

  /** The browser itself says that it has no network. */
  lost(): void {
    this.#reach(false);
  }

  say(text: string): void {
    this.#set({ said: text });
  }

  async start(): Promise<void> {
    const models = await this.guard(() => this.api.models());
    if (models) this.#set({ models });
    await this.list(this.#state.filters);
  }

  async list(filters: JobFilters): Promise<void> {
    const reading = ++this.#reading;
    const before = new Set(this.#state.jobs.map(({ job }) => job.id));
    this.#set({ filters, loading: "first", problem: undefined });
    const page = await this.guard(() => this.api.jobs(filters));
    // A later choice of filters has overtaken this one.
    if (reading !== this.#reading) return;
    if (page) {
      const known = new Map(this.#state.jobs.map((live) => [live.job.id, live]));
      const listed = page.jobs.map((job) => withSnapshot(known.get(job.id), job));
      // A job that was accepted while the list was on its way stands on no list yet.
      const since = this.#state.jobs.filter(
        ({ job }) => !before.has(job.id) && !listed.some((live) => live.job.id === job.id),
      );
      this.#set({ jobs: newestFirst([...since, ...listed]), nextCursor: page.next_cursor });
      for (const [id, watch] of this.#watched) if (!this.#has(id)) watch.abort();
      this.#watch();
    }
    this.#set({ loading: "idle" });
  }

  async more(): Promise<void> {
    const { nextCursor, filters, loading } = this.#state;
    if (nextCursor === undefined || loading !== "idle") return;
    const reading = this.#reading;
    this.#set({ loading: "more" });
    const page = await this.guard(() => this.api.jobs(filters, nextCursor));
    if (reading !== this.#reading) return;
    if (page) {
      for (const job of page.jobs) this.#put(job);
      this.#set({ nextCursor: page.next_cursor });
      this.#watch();
    }
    this.#set({ loading: "idle" });
  }

  /**
   * Sends until somebody answers. Each try carries the same key, so that one whose answer was lost in a tunnel is the
   * same job.
   */
  async send(post: (idempotencyKey: string) => Promise<Job>): Promise<Job> {
    const idempotencyKey = crypto.randomUUID();
    for (;;) {
      try {
        const job = await post(idempotencyKey);
        this.#reach(true);
        this.#put(job);
        this.#watch();
        this.say(`Accepted: ${wanted(job)} wanted.`);
        return job;
      } catch (error) {
        if (!(error instanceof AwayError) || this.#life.signal.aborted) throw this.#noteLock(error);
        this.#reach(false);
        await this.#pause(2_000);
      }
    }
  }

  /** Reads one job afresh: one that isn't on the list, or whose links have died. */
  async refresh(id: string): Promise<void> {
    const job = await this.guard(() => this.api.job(id));
    if (!job) return;
    this.#put(job, isEnded(job));
    this.#watch();
  }

  async cancel(id: string): Promise<void> {
    const job = await this.api.cancel(id);
    this.#put(job);
    this.#announceEnd(job);
  }

  async remove(id: string): Promise<void> {
    await this.api.remove(id);
    this.#watched.get(id)?.abort();
    this.#set({ jobs: this.#state.jobs.filter(({ job }) => job.id !== id), said: "Deleted." });
  }

  /** Runs a request that may wait for the network; undefined when it was refused, which is then shown. */
  async guard<T>(request: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        const answer = await request();
        this.#reach(true);
        return answer;
      } catch (error) {
        if (this.#life.signal.aborted) return undefined;
        if (error instanceof ApiError) {
          this.#noteLock(error);
          this.#set({ problem: error.message });
          return undefined;
        }
        if (!(error instanceof AwayError)) throw error;
        this.#reach(false);
        await this.#pause(2_000);
      }
    }
  }

  #noteLock(error: unknown): unknown {
    if (error instanceof ApiError && error.status === 401) this.#set({ isLockedOut: true });
    return error;
  }

  #watch(): void {
    for (const { job } of this.#state.jobs) {
      if (isEnded(job) || this.#watched.has(job.id)) continue;
      const stop = new AbortController();
      const asksOnly = this.#streams >= mostStreams;
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
        if (!this.#has(id)) return;
        this.#put(job);
        if (isEnded(job)) this.#announceEnd(job);
      },
      reach: (isThere: boolean) => this.#reach(isThere),
    };
    await watchJob(id, watcher, {
      api: this.api,
      signal,
      asksOnly,
      pause: (ms) => this.#pause(ms),
    });
    // A job that nobody will tell of any more must not look as if it went on.
    const live = this.#state.jobs.find(({ job }) => job.id === id);
    if (live && !isEnded(live.job) && !signal.aborted)
      this.#set({ jobs: this.#state.jobs.filter(({ job }) => job.id !== id) });
  }

  #hear(id: string, news: JobNews): void {
    this.#set({ jobs: this.#state.jobs.map((live) => (live.job.id === id ? withNews(live, news) : live)) });
    if ("job" in news) this.#announceEnd(news.job);
    else if (news.type === "image.succeeded") this.say(`Image ${news.index + 1} is ready.`);
    else if ("failure" in news) this.say(`Image ${news.index + 1}: ${news.failure.message}`);
  }

  #announceEnd(job: Job): void {
    this.say(describeStanding(job, wanted(job)));
  }

  #put(job: Job, isFresh = false): void {
    const { jobs } = this.#state;
    const known = jobs.find((live) => live.job.id === job.id);
    const next = isFresh ? fresh(job) : withSnapshot(known, job);
    const others = jobs.filter((live) => live !== known);
    this.#set({ jobs: newestFirst([...others, next]) });
  }

  #reach(isThere: boolean): void {
    if (this.#state.isAway === isThere)
      this.#set({
        isAway: !isThere,
        said: isThere ? "Connected again." : "No connection. It resumes by itself.",
      });
    if (!isThere && !this.#awayLoop) void this.#waitForReturn();
  }

  /** Answers may come for jobs that have left the sheet: deleted, or not what is looked for now. */
  #has(id: string): boolean {
    return this.#state.jobs.some(({ job }) => job.id === id);
  }

  #isAway(): boolean {
    return this.#state.isAway;
  }

  /** Also when nothing is being asked: somebody who is looking wants to know when it is back. */
  async #waitForReturn(): Promise<void> {
    this.#awayLoop = true;
    while (this.#isAway() && !this.#life.signal.aborted) {
      await this.#pause(3_000);
      if (this.#isAway() && (await this.api.isThere())) {
        this.#reach(true);
        this.nudge();
        void this.list(this.#state.filters);
      }
    }
    this.#awayLoop = false;
  }

  #pause(ms: number): Promise<void> {
    return this.#retry.pause(ms, this.#life.signal);
  }

  #set(change: Partial<GalleryState>): void {
    if (this.#life.signal.aborted) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Ids of newer jobs sort first. */
function newestFirst(jobs: LiveJob[]): LiveJob[] {
  return jobs.sort((a, b) => (a.job.id < b.job.id ? -1 : 1));
}
