/** Finds a byte in a chunk, looking at no part of it twice as long as it is asked from left to right. */
export class ByteFinder {
  readonly #chunk: Buffer;
  readonly #byte: number;
  #found = -1;

  constructor(chunk: Buffer, byte: number) {
    this.#chunk = chunk;
    this.#byte = byte;
  }

  /** Its first place at or after `at`; the chunk's length where there is none. */
  from(at: number): number {
    if (this.#found < at) {
      const found = this.#chunk.indexOf(this.#byte, at);
      this.#found = found < 0 ? this.#chunk.length : found;
    }
    return this.#found;
  }
}
