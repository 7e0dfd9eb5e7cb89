import { setTimeout as sleep } from "node:timers/promises";

/** Real time, which ends when the simulator closes: every sleeper then wakes with an AbortError. */
export class Clock {
  readonly #closing = new AbortController();

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** `leaving` wakes this sleeper alone. */
  async sleepUntil(moment: number, leaving?: AbortSignal): Promise<void> {
    const signal = leaving === undefined ? this.signal : AbortSignal.any([this.signal, leaving]);
    // Timers may fire a millisecond early, and "not before" is a promise here.
    for (let left = moment - Date.now(); left > 0; left = moment - Date.now()) {
      await sleep(Math.ceil(left), undefined, { signal });
    }
  }

  close(): void {
    this.#closing.abort();
  }
}
