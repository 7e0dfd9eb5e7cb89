const backslash = 0x5c;
const single: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Undoes the escapes of a JSON string that comes byte by byte. */
export class StringEscapes {
  #pending = "";

  /** In the middle of an escape. */
  get isOpen(): boolean {
    return this.#pending !== "";
  }

  /** The character that this byte is, or completes; undefined in the middle of an escape. */
  read(byte: number): string | undefined {
    const char = String.fromCharCode(byte);
    if (!this.isOpen) {
      if (byte !== backslash) return char;
      this.#pending = char;
      return undefined;
    }
    this.#pending += char;
    if (this.#pending.startsWith("\\u") && this.#pending.length < 6) return undefined;
    const escape = this.#pending;
    this.#pending = "";
    if (escape.length === 2) return single[char] ?? char;
    return String.fromCharCode(Number.parseInt(escape.slice(2), 16) || 0);
  }
}
