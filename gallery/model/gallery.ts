import { type ApiClient, ApiError, type JobFilters } from "../api/client.ts";
import { isEnded, type Job, type JobPage } from "../api/types.ts";
import { Connection } from "./connection.ts";
import { announce } from "./explain.ts";
import { Following } from "./following.ts";
import { type GalleryState, GalleryStore, newestFirst } from "./gallery-state.ts";
import { againOf } from "./image-form.ts";
import { type LiveJob, wanted, withSnapshot } from "./live-job.ts";
import { matches } from "./sheet.ts";

// A second click or Enter comes sooner; a second thought, later.
const doubleClickMs = 1_000;
// A screen of matches; more are looked for when the sheet is scrolled to its end.
const enoughFound = 24;

/** Keeps what the page shows level with the server: reads lists and jobs, sends, cancels and deletes. */
export class Gallery {
  readonly api: ApiClient;
  readonly #store = new GalleryStore();
  readonly #connection: Connection;
  readonly #following: Following;
  #reading = 0;
  #searching = 0;
  readonly #askedAgain = new Set<string>();
  #isClosed = false;

  constructor(api: ApiClient) {
    this.api = api;
    this.#connection = new Connection(api, this.#store, () => void this.catchUp());
    this.#following = new Following(api, this.#store, this.#connection);
  }

  get state(): GalleryState {
    return this.#store.state;
  }

  subscribe(listener: () => void): () => void {
    return this.#store.subscribe(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#store.close();
    this.#connection.close();
    this.#following.close();
  }

  nudge(): void {
    this.#connection.nudge();
  }

  /** The browser itself says that it has no network. */
  lost(): void {
    this.#connection.reach(false);
  }

  say(text: string): void {
    this.#store.set({ said: text });
  }

  async start(): Promise<void> {
    const models = await this.guard(() => this.api.models());
    if (models) this.#store.set({ models });
    await this.list(this.state.filters);
  }

  /** The first page of what is looked for, in place of what was shown. */
  async list(filters: JobFilters): Promise<void> {
    await this.#read(filters, () => ({ older: [] }));
    if (this.state.loading !== "idle" || !Object.values(filters).some(Boolean)) return;
    const { jobs, nextCursor } = this.state;
    this.say(jobs.length === 0 ? "No job matches." : `${jobs.length}${nextCursor ? " or more" : ""} match.`);
  }

  /** After an absence: the first page anew, over what had been loaded below it. */
  async catchUp(): Promise<void> {
    // What waits for a first answer, or was refused one, is the list's own affair.
    if (this.state.loading !== "idle") return;
    await this.#read(this.state.filters, (page) => {
      const { jobs, nextCursor } = this.state;
      const last = page.jobs.at(-1)?.id ?? "";
      const isJoined = page.jobs.some(({ id }) => this.#store.find(id));
      const older = jobs.filter(({ job }) => isJoined && page.next_cursor !== undefined && job.id > last);
      return older.length > 0 ? { older, nextCursor } : { older };
    });
  }

  async #read(
    filters: JobFilters,
    below: (page: JobPage) => { older: LiveJob[]; nextCursor?: string | undefined },
  ): Promise<void> {
    const reading = ++this.#reading;
    const before = new Set(this.state.jobs.map(({ job }) => job.id));
    this.#store.set({ filters, loading: "first", problem: undefined });
    const page = await this.guard(() => this.api.jobs(filters));
    // A later choice of filters has overtaken this one.
    if (reading !== this.#reading) return;
    if (page) {
      const { older, ...rest } = below(page);
      const listed = page.jobs.map((job) => withSnapshot(this.#store.find(job.id), job));
      const placed = new Set([...listed, ...older].map(({ job }) => job.id));
      // A job that was accepted while the list was on its way stands on no list yet.
      const since = this.state.jobs.filter(({ job }) => !before.has(job.id) && !placed.has(job.id));
      this.#store.set({
        jobs: newestFirst([...since, ...listed, ...older]),
        nextCursor: "nextCursor" in rest ? rest.nextCursor : page.next_cursor,
      });
      this.#following.level();
    }
    this.#store.set({ loading: "idle" });
  }

  async more(as: "more" | "searching" = "more"): Promise<void> {
    const { nextCursor, filters, loading } = this.state;
    if (nextCursor === undefined || loading !== "idle") return;
    const reading = this.#reading;
    this.#store.set({ loading: as });
    const page = await this.guard(() => this.api.jobs(filters, nextCursor));
    if (reading !== this.#reading) return;
    if (page) {
      this.#store.putAll(page.jobs);
      this.#store.set({ nextCursor: page.next_cursor });
      this.#following.level();
    }
    this.#store.set({ loading: "idle" });
  }

  /** Looks through prompts and tags: what is here at once, and what is older page by page, until enough is found. */
  async search(query: string): Promise<void> {
    this.#store.set({ query });
    if (query === "") return;
    const searching = ++this.#searching;
    while (this.found().length < enoughFound && this.state.nextCursor !== undefined) {
      await this.more("searching");
      if (searching !== this.#searching || this.state.problem !== undefined || this.#isClosed) return;
      // Another reading is under way, and goes on with the list itself.
      if (this.state.loading !== "idle") return;
    }
    const count = this.found().length;
    this.say(count === 0 ? "No prompt matches." : `${count} found.`);
  }

  /** What is shown: the jobs that hold the words looked for. */
  found(): readonly LiveJob[] {
    const { jobs, query } = this.state;
    return query === "" ? jobs : jobs.filter((live) => matches(live, query));
  }

  /**
   * Sends until somebody answers. Each try carries the same key, so that one whose answer was lost in a tunnel is the
   * same job.
   */
  async send(post: (idempotencyKey: string) => Promise<Job>): Promise<Job> {
    const idempotencyKey = crypto.randomUUID();
    const job = await this.#connection.persist(() => post(idempotencyKey));
    this.#store.put(job);
    this.#following.level();
    this.say(`Accepted: ${wanted(job)} wanted.`);
    return job;
  }

  /** Asks once more for what a job asked for; undefined where the same is on its way, or was asked for just now. */
  async again(job: Job): Promise<Job | undefined> {
    if (this.#askedAgain.has(job.id)) return undefined;
    this.#askedAgain.add(job.id);
    const post = job.kind === "edit" ? this.api.editAgain : this.api.generate;
    let holdMs = 0;
    try {
      const next = await this.send((key) => post(againOf(job), key));
      holdMs = doubleClickMs;
      return next;
    } finally {
      setTimeout(() => this.#askedAgain.delete(job.id), holdMs);
    }
  }

  /** Reads one job afresh: one that isn't on the list, or whose links have died. */
  async refresh(id: string): Promise<void> {
    const job = await this.guard(() => this.api.job(id).catch(noneIfGone));
    if (job) this.#store.put(job, isEnded(job));
    else if (job === null) this.#store.drop(id);
    this.#following.level();
  }

  async cancel(id: string): Promise<void> {
    const job = await this.api.cancel(id);
    this.#store.put(job);
    this.say(announce(job));
  }

  async remove(id: string): Promise<void> {
    await this.api.remove(id);
    this.#store.drop(id);
    this.#following.level();
    this.say("Deleted.");
  }

  /** Runs a request that may wait for the network; undefined when it was refused, which is then shown. */
  async guard<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#connection.persist(request);
    } catch (error) {
      if (this.#isClosed) return undefined;
      if (!(error instanceof ApiError)) throw error;
      this.#store.set({ problem: error.message });
      return undefined;
    }
  }
}

/** Deleted elsewhere, perhaps in another tab: that is no problem of the list's. */
function noneIfGone(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}
