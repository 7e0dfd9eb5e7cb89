import { ByteFinder } from "./byte-finder.ts";

/** What stands in a stream of server-sent events: bytes of an event's data, and its end, with its name ("" without one). */
export type Framed = { kind: "data"; bytes: Buffer } | { kind: "end"; name: string };

const [lineFeed, carriageReturn, colon, space] = [0x0a, 0x0d, 0x3a, 0x20];
const maxName = 200;
const newLine = Buffer.from("\n");

/**
 * Finds events in bytes as they come (WHATWG HTML, section 9.2.6), with data of any length passed on as it comes. More
 * lenient than the standard: an event that only the end of the stream closes counts, and a new name begins a new event.
 */
export class EventFramer {
  #part: "field" | "space" | "value" = "field";
  #field = "";
  #value = "";
  #name = "";
  #hasData = false;
  #isAfterReturn = false;

  /** The name of the event that is coming in, as far as it is known. */
  get name(): string {
    return this.#name;
  }

  *push(chunk: Buffer): Generator<Framed, void> {
    const feeds = new ByteFinder(chunk, lineFeed);
    const returns = new ByteFinder(chunk, carriageReturn);
    for (let at = 0; at < chunk.length;) {
      if (this.#isAfterReturn) {
        this.#isAfterReturn = false;
        if (chunk[at] === lineFeed) {
          at += 1;
          continue;
        }
      }
      const end = Math.min(feeds.from(at), returns.from(at));
      yield* this.#readLine(chunk.subarray(at, end));
      if (end < chunk.length) {
        this.#isAfterReturn = chunk[end] === carriageReturn;
        yield* this.#endLine();
      }
      at = end + 1;
    }
  }

  *end(): Generator<Framed, void> {
    yield* this.#endLine();
    yield* this.#endEvent();
  }

  /** A part of a line, without its end. */
  *#readLine(bytes: Buffer): Generator<Framed, void> {
    let rest = bytes;
    if (this.#part === "field") {
      const end = rest.indexOf(colon);
      const field = end < 0 ? rest : rest.subarray(0, end);
      this.#field = (this.#field + field.toString("latin1", 0, maxName)).slice(0, maxName);
      if (end < 0) return;
      rest = rest.subarray(end + 1);
      this.#part = "space";
      if (this.#field === "data") yield* this.#beginData();
    }
    if (rest.length === 0) return;
    if (this.#part === "space" && rest[0] === space) rest = rest.subarray(1);
    this.#part = "value";
    if (rest.length === 0) return;
    if (this.#field === "data") yield { kind: "data", bytes: rest };
    else if (this.#field === "event") this.#value += rest.toString("latin1", 0, maxName - this.#value.length);
  }

  *#beginData(): Generator<Framed, void> {
    if (this.#hasData) yield { kind: "data", bytes: newLine };
    this.#hasData = true;
  }

  *#endLine(): Generator<Framed, void> {
    const [field, value, isBlank] = [this.#field, this.#value, this.#part === "field" && this.#field === ""];
    this.#part = "field";
    this.#field = "";
    this.#value = "";
    if (isBlank) yield* this.#endEvent();
    else if (field === "event") {
      // A blank line that was lost between two events.
      if (this.#hasData && this.#name !== "") yield* this.#endEvent();
      this.#name = value.trim();
    }
  }

  *#endEvent(): Generator<Framed, void> {
    const [name, hasData] = [this.#name, this.#hasData];
    if (hasData) yield { kind: "end", name };
    this.#name = "";
    this.#hasData = false;
  }
}
