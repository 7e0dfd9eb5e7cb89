/** What one piece of work holds, given back last first. Each is given back once, however often that is asked. */
export class ReleaseStack {
  readonly #releases: (() => Promise<void> | void)[] = [];

  add(release: () => Promise<void> | void): void {
    this.#releases.push(release);
  }

  async release(): Promise<void> {
    for (let next = this.#releases.pop(); next; next = this.#releases.pop()) await next();
  }
}
