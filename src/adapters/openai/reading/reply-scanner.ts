import { senselessReply } from "../upstream-errors.ts";
import { EventFramer } from "./event-framer.ts";
import { JsonScanner, type Scanned } from "./json-scanner.ts";

/**
 * What a reply says, whatever form it has: what its JSON holds, and where a message is over. A message is an event, or one
 * of the JSON texts of a body without events, which has the name that the standard gives to an event without one.
 */
export type ReplyToken = Scanned | { kind: "message"; name: string };

const [byteOrderMark, blanks] = [
  [0xef, 0xbb, 0xbf],
  [0x20, 0x09, 0x0a, 0x0d],
];
const [openObject, openArray] = [0x7b, 0x5b];
const fieldOfEvent = /^(?:event|data|id|retry)?:/;
const maxField = "event:".length;

/** Reads a body by what it holds. Its content type isn't asked: gateways send JSON as text, and events for JSON. */
export class ReplyScanner {
  readonly #mark: string;
  #beginning: Buffer = Buffer.alloc(0);
  #form: "unknown" | "json" | "events" = "unknown";
  #json: JsonScanner;
  readonly #framer = new EventFramer();

  constructor(mark: string) {
    this.#mark = mark;
    this.#json = new JsonScanner(mark);
  }

  /** The name of the event that is coming in, as far as it is known. */
  get name(): string {
    return this.#framer.name;
  }

  get form(): "unknown" | "json" | "events" {
    return this.#form;
  }

  /** In the middle of a JSON text. */
  get isOpen(): boolean {
    return this.#json.isOpen;
  }

  *push(chunk: Buffer): Generator<ReplyToken, void> {
    if (this.#form !== "unknown") {
      yield* this.#read(chunk);
      return;
    }
    this.#beginning = withoutBlanks(Buffer.concat([this.#beginning, chunk]));
    this.#form = formOf(this.#beginning);
    if (this.#form === "unknown") return;
    const beginning = this.#beginning;
    this.#beginning = Buffer.alloc(0);
    yield* this.#read(beginning);
  }

  *end(): Generator<ReplyToken, void> {
    if (this.#form === "events") yield* this.#frame(this.#framer.end());
  }

  *#read(chunk: Buffer): Generator<ReplyToken, void> {
    if (this.#form === "events") yield* this.#frame(this.#framer.push(chunk));
    else {
      for (const token of this.#json.push(chunk)) {
        yield token;
        if (token.kind === "value") yield { kind: "message", name: "message" };
      }
    }
  }

  *#frame(framed: Iterable<{ kind: "data"; bytes: Buffer } | { kind: "end"; name: string }>) {
    for (const part of framed) {
      if (part.kind === "data") yield* this.#json.push(part.bytes);
      else {
        yield { kind: "message", name: part.name } as const;
        // Whatever an event left open, the next one doesn't close it. Numbers of pictures go on.
        if (this.#json.isOpen) this.#json = new JsonScanner(this.#mark, this.#json.pictures);
      }
    }
  }
}

function withoutBlanks(bytes: Buffer): Buffer {
  let at = byteOrderMark.every((byte, index) => bytes[index] === byte) ? byteOrderMark.length : 0;
  while (blanks.includes(bytes[at] ?? 0)) at += 1;
  return bytes.subarray(at);
}

function formOf(beginning: Buffer): "unknown" | "json" | "events" {
  if (beginning[0] === openObject || beginning[0] === openArray) return "json";
  const text = beginning.toString("latin1", 0, maxField);
  if (fieldOfEvent.test(text)) return "events";
  // A byte order mark may be torn as well.
  if (["event:", "data:", "retry:", "id:", "\xef\xbb\xbf"].some((start) => start.startsWith(text)))
    return "unknown";
  throw senselessReply("neither JSON nor events");
}
