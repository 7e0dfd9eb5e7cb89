interface Limits {
  /** The longest time without progress. */
  stallMs: number;
  arriveWithinMs: number;
  /** Ends it as well. */
  signal: AbortSignal;
}

/** The lifetime of one fetch: it ends when nothing arrives for a while, or when all has taken too long. */
export class ProgressTimer {
  /** Which of the two limits ended it, as the end of a sentence. */
  expired: string | undefined;
  readonly #lifetime = new AbortController();
  readonly #whole: NodeJS.Timeout;
  readonly #stall: NodeJS.Timeout;

  constructor({ stallMs, arriveWithinMs, signal }: Limits) {
    this.#whole = setTimeout(() => this.#expire("took", arriveWithinMs, "to arrive"), arriveWithinMs);
    this.#stall = setTimeout(() => this.#expire("sent nothing for", stallMs, ""), stallMs);
    signal.addEventListener("abort", () => this.end(), { signal: this.signal });
  }

  get signal(): AbortSignal {
    return this.#lifetime.signal;
  }

  progress(): void {
    if (!this.signal.aborted) this.#stall.refresh();
  }

  end(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#stall);
    this.#lifetime.abort();
  }

  #expire(what: string, ms: number, then: string): void {
    this.expired = `${what} ${ms / 1_000} seconds ${then}`.trim();
    this.end();
  }
}
