import type { JobFilters } from "../api/client.ts";
import type { Job, Model } from "../api/types.ts";
import { fresh, type LiveJob, withSnapshot } from "./live-job.ts";

/** All that the page shows, in one value that is replaced and never changed. */
export interface GalleryState {
  models: readonly Model[];
  /** Newest first. */
  jobs: readonly LiveJob[];
  filters: JobFilters;
  /** Words to be found in prompts and tags; the service knows no such filter, so the page reads on until it finds them. */
  query: string;
  nextCursor?: string | undefined;
  loading: "idle" | "first" | "more" | "searching";
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
  query: "",
  loading: "idle",
  isAway: false,
  said: "",
  isLockedOut: false,
};

/** Holds what is shown now, and tells those who show it. */
export class GalleryStore {
  #state = emptyGallery;
  #isClosed = false;
  readonly #listeners = new Set<() => void>();

  get state(): GalleryState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  set(change: Partial<GalleryState>): void {
    if (this.#isClosed) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  find(id: string): LiveJob | undefined {
    return this.#state.jobs.find(({ job }) => job.id === id);
  }

  /** A job as it was read; `isFresh` also takes its new links. */
  put(job: Job, isFresh = false): void {
    this.putAll([job], isFresh);
  }

  /** A page of jobs at once: a long sheet is put in order, and drawn, once. */
  putAll(page: readonly Job[], isFresh = false): void {
    const jobs = new Map(this.#state.jobs.map((live) => [live.job.id, live]));
    for (const job of page) jobs.set(job.id, isFresh ? fresh(job) : withSnapshot(jobs.get(job.id), job));
    this.set({ jobs: newestFirst([...jobs.values()]) });
  }

  drop(id: string): void {
    this.set({ jobs: this.#state.jobs.filter(({ job }) => job.id !== id) });
  }

  close(): void {
    this.#isClosed = true;
  }
}

/** Ids of newer jobs sort first. */
export function newestFirst(jobs: LiveJob[]): LiveJob[] {
  return jobs.sort((a, b) => (a.job.id < b.job.id ? -1 : 1));
}
