import { cutShort } from "./image-rejection.ts";

/** A reader that is written as if all bytes were there, and yields whenever it has to wait for more. */
export type Reading<T> = Generator<undefined, T, undefined>;

const nothing = new Uint8Array(0);

/**
 * Bytes on their way through, in chunks of any size. What a reader takes is a copy, and no chunk is held while waiting:
 * anyone who gives chunks may use one buffer for all.
 */
export class ByteReader {
  #chunk: Uint8Array = nothing;
  #at = 0;
  #ended = false;

  give(chunk: Uint8Array): void {
    const kept = this.#chunk.subarray(this.#at);
    this.#chunk = chunk;
    this.#at = 0;
    if (kept.length > 0) {
      this.#chunk = new Uint8Array(kept.length + chunk.length);
      this.#chunk.set(kept);
      this.#chunk.set(chunk, kept.length);
    }
  }

  end(): void {
    this.#ended = true;
  }

  /** The next bytes without taking them; fewer when the end comes first. */
  *peek(count: number): Reading<Uint8Array> {
    while (this.#chunk.length - this.#at < count && !this.#ended) yield* this.#wait();
    return new Uint8Array(this.#chunk.subarray(this.#at, this.#at + count));
  }

  *take(count: number): Reading<Uint8Array> {
    // The usual case, at a third of the cost: files can be made of little else than short headers.
    if (this.#chunk.length - this.#at >= count) {
      return new Uint8Array(this.#chunk.subarray(this.#at, (this.#at += count)));
    }
    const taken = new Uint8Array(count);
    let filled = 0;
    yield* this.pass(count, (piece) => {
      taken.set(piece, filled);
      filled += piece.length;
    });
    return taken;
  }

  /** Lets bytes go by; `see` is shown each piece of them. */
  *pass(count: number, see?: (piece: Uint8Array) => void): Reading<void> {
    for (let left = count; left > 0;) {
      if (!(yield* this.#more())) throw cutShort();
      const piece = this.#chunk.subarray(this.#at, this.#at + left);
      this.#at += piece.length;
      left -= piece.length;
      see?.(piece);
    }
  }

  /** Lets bytes go by up to the one that `find` points at; `find` is shown stretch after stretch. */
  *passTo(find: (stretch: Uint8Array) => number | undefined): Reading<void> {
    for (;;) {
      if (!(yield* this.#more())) throw cutShort();
      const found = find(this.#chunk.subarray(this.#at));
      this.#at = found === undefined ? this.#chunk.length : this.#at + found;
      if (found !== undefined) return;
    }
  }

  /** Lets all go by that is left, and tells whether there was any. */
  *drain(): Reading<boolean> {
    let any = false;
    while (yield* this.#more()) {
      any = true;
      this.#at = this.#chunk.length;
    }
    return any;
  }

  *#more(): Reading<boolean> {
    while (this.#at === this.#chunk.length) {
      if (this.#ended) return false;
      yield* this.#wait();
    }
    return true;
  }

  *#wait(): Reading<void> {
    // Not slice(): a Buffer's is a view of what its owner may write over.
    this.#chunk = new Uint8Array(this.#chunk.subarray(this.#at));
    this.#at = 0;
    yield;
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One character for each byte. */
export function asText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
