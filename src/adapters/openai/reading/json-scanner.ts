import { senselessReply } from "../upstream-errors.ts";
import { Base64Decoder, blockChars } from "./base64-decoder.ts";
import { ByteFinder } from "./byte-finder.ts";
import { startOf, startOfWhole } from "./picture-start.ts";
import { Skeleton } from "./skeleton.ts";
import { StringEscapes } from "./string-escapes.ts";

/** What a scan finds, in the order in which it came. Pictures are numbered from 0. */
export type Scanned =
  | { kind: "bytes"; picture: number; bytes: Uint8Array }
  /** A picture has come whole. */
  | { kind: "picture"; picture: number }
  /** An object that is an element of an array, and holds pictures, has come whole. */
  | { kind: "item"; index: number; text: string; pictures: number[] }
  /** A JSON text has come whole; `pictures` are those of no item. */
  | { kind: "value"; text: string; pictures: number[] };

interface Frame {
  isArray: boolean;
  /** Where it begins in the skeleton. */
  start: number;
  key: string | undefined;
  awaitsKey: boolean;
  index: number;
  pictures: number[];
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const maxDepth = 512;

/**
 * Reads JSON objects and arrays from bytes as they come, one after the other, whatever stands between them. Pictures are
 * decoded while they stream; the text that is left of a value holds `mark` and a number in the place of each.
 *
 * It doesn't judge the JSON: text that is none comes out as text that is none.
 */
export class JsonScanner {
  readonly #mark: string;
  readonly #skeleton = new Skeleton();
  readonly #frames: Frame[] = [];
  #mode: "between" | "structure" | "text" | "start" | "picture" = "between";
  #stringStart = 0;
  #isEscaped = false;
  #head = "";
  #escapes = new StringEscapes();
  #decoder = new Base64Decoder();
  #picture: number;

  /** @param pictures how many have been numbered before */
  constructor(mark: string, pictures = 0) {
    this.#mark = mark;
    this.#picture = pictures - 1;
  }

  /** How many pictures have been numbered, by this one and those before it. */
  get pictures(): number {
    return this.#picture + 1;
  }

  /** In the middle of a value. */
  get isOpen(): boolean {
    return this.#mode !== "between";
  }

  *push(chunk: Buffer): Generator<Scanned, void> {
    const quotes = new ByteFinder(chunk, quote);
    const backslashes = new ByteFinder(chunk, backslash);
    for (let at = 0; at < chunk.length;) {
      switch (this.#mode) {
        case "between":
          at = this.#skip(chunk, at);
          break;
        case "structure":
          at = yield* this.#readStructure(chunk, at);
          break;
        case "text":
          at = this.#readText(chunk, at, Math.min(quotes.from(at), backslashes.from(at)));
          break;
        case "start":
          at = yield* this.#readStart(chunk, at);
          break;
        case "picture":
          at = yield* this.#readPicture(chunk, at, (from) =>
            Math.min(quotes.from(from), backslashes.from(from)),
          );
      }
    }
  }

  #skip(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      if (chunk[at] !== openObject && chunk[at] !== openArray) continue;
      this.#mode = "structure";
      return at;
    }
    return chunk.length;
  }

  *#readStructure(chunk: Buffer, from: number): Generator<Scanned, number> {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === quote) {
        this.#skeleton.append(chunk.subarray(from, at + 1));
        this.#openString();
        return at + 1;
      }
      if (byte === openObject || byte === openArray) this.#open(byte === openArray, at - from);
      else if (byte === closeObject || byte === closeArray) {
        this.#skeleton.append(chunk.subarray(from, at + 1));
        yield* this.#close();
        return at + 1;
      } else if (byte === comma || byte === colon) this.#step(byte === comma);
    }
    this.#skeleton.append(chunk.subarray(from));
    return chunk.length;
  }

  #open(isArray: boolean, pending: number): void {
    if (this.#frames.length === maxDepth) throw senselessReply("JSON that is nested too deep");
    const start = this.#skeleton.length + pending;
    this.#frames.push({ isArray, start, key: undefined, awaitsKey: !isArray, index: 0, pictures: [] });
  }

  #step(isComma: boolean): void {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    if (isComma && frame.isArray) frame.index += 1;
    frame.awaitsKey = isComma && !frame.isArray;
  }

  *#close(): Generator<Scanned, void> {
    const frame = this.#frames.pop();
    const parent = this.#frames.at(-1);
    if (!frame) return;
    const { pictures, start, isArray } = frame;
    if (!parent) {
      yield { kind: "value", text: this.#skeleton.textFrom(0), pictures };
      this.#skeleton.truncate(0);
      this.#mode = "between";
    } else if (parent.isArray && !isArray && pictures.length > 0) {
      yield { kind: "item", index: parent.index, text: this.#skeleton.textFrom(start), pictures };
    } else parent.pictures.push(...pictures);
  }

  #openString(): void {
    const frame = this.#frames.at(-1);
    const isField = frame !== undefined && !frame.isArray && !frame.awaitsKey;
    this.#stringStart = this.#skeleton.length;
    this.#isEscaped = false;
    this.#head = "";
    this.#escapes = new StringEscapes();
    this.#mode = isField && (frame.key === "b64_json" || frame.key === "url") ? "start" : "text";
  }

  /** A string that is no picture is copied as it stands. */
  #readText(chunk: Buffer, from: number, end: number): number {
    if (this.#isEscaped) {
      this.#isEscaped = false;
      this.#skeleton.append(chunk.subarray(from, from + 1));
      return from + 1;
    }
    this.#skeleton.appendInString(chunk.subarray(from, end));
    if (end === chunk.length) return end;
    this.#skeleton.append(chunk.subarray(end, end + 1));
    if (chunk[end] === backslash) this.#isEscaped = true;
    else this.#closeText();
    return end + 1;
  }

  #closeText(): void {
    this.#mode = "structure";
    const frame = this.#frames.at(-1);
    if (frame?.awaitsKey) frame.key = unescaped(this.#skeleton.textFrom(this.#stringStart - 1));
  }

  /** The beginning of a string that may be a picture: kept in the skeleton too, until it is known to be one. */
  *#readStart(chunk: Buffer, from: number): Generator<Scanned, number> {
    const isBase64 = this.#frames.at(-1)?.key === "b64_json";
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      const isEnd = byte === quote && !this.#escapes.isOpen;
      if (isEnd) {
        const whole = startOfWhole(this.#head, isBase64);
        if (whole === "text") {
          // The closing quote is the text's to read.
          this.#mode = "text";
          return at;
        }
        yield* this.#beginPicture(whole.data);
        return at;
      }
      this.#skeleton.appendInString(chunk.subarray(at, at + 1));
      this.#head += this.#escapes.read(byte) ?? "";
      if (this.#escapes.isOpen) continue;
      const start = startOf(this.#head, isBase64);
      if (start === "unknown") continue;
      if (start === "text") this.#mode = "text";
      else yield* this.#beginPicture(start.data);
      return at + 1;
    }
    return chunk.length;
  }

  *#beginPicture(data: string): Generator<Scanned, void> {
    this.#mode = "picture";
    this.#picture += 1;
    this.#skeleton.truncate(this.#stringStart);
    this.#skeleton.append(Buffer.from(`${this.#mark}${this.#picture}`));
    this.#frames.at(-1)?.pictures.push(this.#picture);
    this.#decoder = new Base64Decoder();
    yield* this.#decoded(this.#decoder.push(data));
  }

  /** Decodes whole runs at once: a service that escapes its slashes has one at every 64th character. */
  *#readPicture(chunk: Buffer, from: number, runEnd: (at: number) => number): Generator<Scanned, number> {
    let text = "";
    let at = from;
    while (at < chunk.length && text.length < blockChars) {
      const byte = chunk[at] ?? 0;
      if (this.#escapes.isOpen || byte === backslash) {
        text += this.#escapes.read(byte) ?? "";
        at += 1;
      } else if (byte === quote) break;
      else {
        const end = Math.min(runEnd(at), at + blockChars);
        text += chunk.toString("latin1", at, end);
        at = end;
      }
    }
    yield* this.#decoded(this.#decoder.push(text));
    if (chunk[at] !== quote || this.#escapes.isOpen) return at;
    yield* this.#decoded(this.#decoder.end());
    yield { kind: "picture", picture: this.#picture };
    this.#skeleton.append(chunk.subarray(at, at + 1));
    this.#mode = "structure";
    return at + 1;
  }

  *#decoded(blocks: Iterable<Uint8Array>): Generator<Scanned, void> {
    for (const bytes of blocks) yield { kind: "bytes", picture: this.#picture, bytes };
  }
}

function unescaped(key: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(key);
    return typeof parsed === "string" ? parsed : undefined;
  } catch {
    // No JSON, so no name that anybody looks for.
    return undefined;
  }
}
