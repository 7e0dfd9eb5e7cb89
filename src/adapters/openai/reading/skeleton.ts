import { senselessReply } from "../upstream-errors.ts";

// What a reply says beside its pictures: prompts of 32,000 characters, ten times over, are a tenth of this.
const maxBytes = 4 * 1024 * 1024;
const maxTextBytes = maxBytes - 64 * 1024;

/** The text of a reply without its pictures, as it grows. Throws an UpstreamError when it grows beyond all sense. */
export class Skeleton {
  #bytes = Buffer.allocUnsafe(4 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.byteLength;
    if (length > maxBytes) throw senselessReply("megabytes of text beside its images");
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.min(maxBytes, length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  /** Line ends and their kind have no place inside a string of JSON; a reply isn't worth less for one. */
  appendInString(bytes: Uint8Array): void {
    const start = this.#length;
    // A text without end is cut: what it stands beside may be a picture.
    if (start + bytes.byteLength > maxTextBytes) return;
    this.append(bytes);
    for (let at = start; at < this.#length; at += 1) {
      if ((this.#bytes[at] ?? 0) < 0x20) this.#bytes[at] = 0x20;
    }
  }

  truncate(length: number): void {
    this.#length = length;
  }

  textFrom(start: number): string {
    return this.#bytes.toString("utf8", start, this.#length);
  }
}
