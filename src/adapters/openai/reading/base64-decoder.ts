// A block of bytes, and the characters that fill it.
const blockBytes = 48 * 1024;
export const blockChars = (blockBytes / 3) * 4;

/**
 * Decodes base64 that comes in pieces, as `Buffer.from(text, "base64")` decodes it whole: both alphabets, with or without
 * padding, past anything that is neither, up to the first `=`. Blocks that it yields are the receiver's.
 */
export class Base64Decoder {
  #block: Buffer | undefined;
  #filled = 0;
  /** Less than four characters, which wait for the rest of their group. */
  #carry = "";
  #hasEnded = false;

  *push(text: string): Generator<Uint8Array, void> {
    if (this.#hasEnded) return;
    let rest = this.#carry + text;
    while (rest.length >= 4) {
      if (this.#filled === blockBytes) yield this.#take();
      this.#block ??= Buffer.allocUnsafeSlow(blockBytes);
      const room = ((blockBytes - this.#filled) / 3) * 4;
      const length = Math.min(rest.length - (rest.length % 4), room);
      const written = this.#block.write(rest.slice(0, length), this.#filled, "base64");
      if (written === (length / 4) * 3) {
        this.#filled += written;
        rest = rest.slice(length);
      } else {
        // Fewer bytes than the characters should give: some of them are no base64.
        rest = this.#clean(rest);
      }
    }
    this.#carry = rest;
  }

  *end(): Generator<Uint8Array, void> {
    if (this.#filled === blockBytes) yield this.#take();
    const rest = this.#clean(this.#carry);
    if (rest.length > 1) {
      this.#block ??= Buffer.allocUnsafeSlow(blockBytes);
      this.#filled += this.#block.write(rest, this.#filled, "base64");
    }
    if (this.#filled > 0) yield this.#take();
  }

  #take(): Uint8Array {
    const block = this.#block?.subarray(0, this.#filled) ?? Buffer.alloc(0);
    this.#block = undefined;
    this.#filled = 0;
    return block;
  }

  #clean(text: string): string {
    const end = text.indexOf("=");
    if (end >= 0) this.#hasEnded = true;
    return (end < 0 ? text : text.slice(0, end)).replace(/[^\w+/-]+/g, "");
  }
}
