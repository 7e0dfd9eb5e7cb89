import { type ApiClient, ApiError, AwayError } from "../api/client.ts";
import type { GalleryStore } from "./gallery-state.ts";
import { retrySignal } from "./retry-signal.ts";

/** Whether the server can be reached, and patience while it can't. */
export class Connection {
  readonly #api: ApiClient;
  readonly #store: GalleryStore;
  readonly #onReturn: () => void;
  readonly #retry = retrySignal();
  readonly #life = new AbortController();
  #awayLoop = false;

  constructor(api: ApiClient, store: GalleryStore, onReturn: () => void) {
    this.#api = api;
    this.#store = store;
    this.#onReturn = onReturn;
  }

  close(): void {
    this.#life.abort();
  }

  /** Something says that the network is back: whatever waits tries again now. */
  nudge(): void {
    this.#retry.fire();
  }

  reach(isThere: boolean): void {
    if (this.#store.state.isAway === isThere)
      this.#store.set({
        isAway: !isThere,
        said: isThere ? "Connected again." : "No connection. It resumes by itself.",
      });
    if (!isThere && !this.#awayLoop) void this.#waitForReturn();
  }

  /** Asks until somebody answers; throws what is refused. A key that is refused is noted for the whole page. */
  async persist<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await request();
        this.reach(true);
        return answer;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) this.#store.set({ isLockedOut: true });
        if (!(error instanceof AwayError) || this.#life.signal.aborted) throw error;
        this.reach(false);
        await this.pause(2_000);
      }
    }
  }

  pause(ms: number): Promise<void> {
    return this.#retry.pause(ms, this.#life.signal);
  }

  #isAway(): boolean {
    return this.#store.state.isAway;
  }

  /** Also when nothing is being asked: somebody who is looking wants to know when it is back. */
  async #waitForReturn(): Promise<void> {
    this.#awayLoop = true;
    while (this.#isAway() && !this.#life.signal.aborted) {
      await this.pause(3_000);
      if (this.#isAway() && (await this.#api.isThere())) {
        this.reach(true);
        this.nudge();
        this.#onReturn();
      }
    }
    this.#awayLoop = false;
  }
}
