import { randomUUID } from "node:crypto";
import { type ErrorInfo, errorInfo } from "../../../domain/app-error.ts";
import { recogniseImage } from "../../../domain/image-format/media-type.ts";
import { sumUsage, type TokenUsage } from "../../../domain/token-usage.ts";
import { withoutAbsent } from "../../../domain/without-absent.ts";
import type { ReceivedPicture, ReplyItem, ReplyListener } from "../../../ports/image-model.ts";
import type { ImageFacts } from "../../../ports/records.ts";
import { safeReason } from "../upstream-errors.ts";
import { contentFiltersOf } from "../filter-results.ts";
import { refusalOf, refusalOfFilters } from "../refusal.ts";
import { readErrorBody } from "../error-body.ts";
import { type WireEvent, wireEvent } from "../wire.ts";
import { isCompleted, isFailure, isPartial } from "./event-names.ts";
import { IncomingPictures } from "./incoming-pictures.ts";
import type { ReceivedPictures } from "./received-pictures.ts";
import type { ReplyToken } from "./reply-scanner.ts";
import { indexOf, jsonOf, linkOf, listOf, revisedPromptOf, usageOf } from "./entries.ts";

/** What a listener threw, on its way past the sorting of the service's errors. */
export class ListenerFailure extends Error {
  override readonly name = "ListenerFailure";
}

interface Options {
  /** Never to appear in a message. */
  prompt: string;
  /** How many images were asked for: with as many, a reply is over. */
  wanted: number;
  listener: ReplyListener;
  pictures: ReceivedPictures;
}

interface Value {
  text: string;
  pictures: number[];
}

/** Makes of what a scan finds the images of a reply, hands them on, and remembers what was said beside them. */
export class MessageReader {
  /** Stands in the text of a reply in the place of pictures; nobody else can have written it. */
  readonly mark = `picture:${randomUUID()}:`;
  readonly items = new Map<number, ReplyItem>();
  /** Places whose entry has neither image nor reason. */
  readonly unexplained = new Set<number>();
  /** The first JSON text of the reply, pictures out of it. */
  readonly values: unknown[] = [];
  /** How many messages have come whole. */
  messages = 0;
  /** As it came: whatever its shape, the sorter reads it. Undefined for one that says nothing. */
  error: unknown;
  /** A refusal that the reply tells otherwise than as its error. */
  refusal: ErrorInfo | undefined;
  usage: TokenUsage | undefined;
  readonly #options: Options;
  readonly #incoming: IncomingPictures;
  #pending: Value[] = [];
  /** The first place of the message that is coming in. */
  #base = 0;
  #partials = 0;
  #isDone = false;

  constructor(options: Options) {
    this.#options = options;
    this.#incoming = new IncomingPictures(options.pictures);
  }

  /** A picture came, a coarse one too: whatever else is said, the service had begun. */
  get hasBegun(): boolean {
    return this.#partials > 0 || this.items.size > 0;
  }

  /** Nothing that may follow is waited for. */
  get isOver(): boolean {
    return this.#isDone || this.error !== undefined || this.items.size >= this.#options.wanted;
  }

  /** @param name of the event that the token is part of, as far as it is known */
  async take(token: ReplyToken, name: string): Promise<void> {
    switch (token.kind) {
      case "bytes":
        await this.#incoming.write(token.picture, token.bytes);
        break;
      case "picture":
        await this.#incoming.finish(token.picture);
        break;
      case "item":
        if (!isPartial([name]))
          await this.#deliver(token.pictures, this.#base + token.index, jsonOf(token.text));
        break;
      case "value":
        this.#pending.push(token);
        break;
      case "message":
        await this.#endMessage(token.name);
    }
  }

  /** Frees what nobody took. */
  async close(): Promise<void> {
    await this.#incoming.clear();
  }

  async #endMessage(name: string): Promise<void> {
    const values = this.#pending;
    this.#pending = [];
    for (const value of values) {
      await this.#read(name, value);
      this.#base = Math.max(-1, ...this.items.keys()) + 1;
    }
    await this.#incoming.clear();
    this.messages += 1;
  }

  async #read(line: string, { text, pictures }: Value): Promise<void> {
    if (text === "[DONE]") this.#isDone = true;
    const value = jsonOf(text);
    if (value !== undefined && this.values.length === 0) this.values.push(value);
    const parsed: WireEvent = wireEvent.safeParse(value).data ?? {};
    const names = [line, parsed.type ?? ""].filter((name) => name !== "");
    // A gateway may lose both names; the last picture counts no steps.
    if (isPartial(names) || (names.length === 0 && typeof parsed.partial_image_index === "number")) {
      await this.#tellPartial(parsed, pictures);
      return;
    }
    this.#readError(value, names.some(isFailure));
    const list = listOf(value);
    list?.forEach((entry, index) => this.#readEntry(entry, this.#base + index));
    if (list === undefined && !isCompleted(names)) return;
    if (pictures.length > 0) await this.#deliver(pictures, this.#named(value), value);
    else if (list === undefined) this.#readLink(value, this.#named(value));
    // Each event of a stream with several images counts its own.
    this.usage = sumUsage([this.usage, usageOf(parsed.usage)]);
  }

  #readError(value: unknown, isError: boolean): void {
    const error = this.#saying(fieldsOf(value)["error"]);
    this.error ??= error ?? (isError ? (this.#saying(value) ?? {}) : undefined);
    this.refusal ??= refusalOfFilters(value);
  }

  /** An entry of a list, if its picture hasn't been handed on already. */
  #readEntry(entry: unknown, index: number): void {
    if (typeof entry !== "object" || JSON.stringify(entry).includes(this.mark)) return;
    if (this.#readLink(entry, index)) return;
    const position = this.#claim(index);
    const { prompt } = this.#options;
    const error = this.#saying(fieldsOf(entry)["error"]);
    const refusal = (error === undefined ? undefined : refusalOf(error, prompt)) ?? refusalOfFilters(entry);
    if (refusal) this.items.set(position, { kind: "lost", failure: refusal });
    else if (error) {
      const message = `The service made no image: ${safeReason(readErrorBody(error, prompt).shown, prompt)}`;
      this.items.set(position, { kind: "lost", failure: errorInfo("upstreamRejected", message) });
    } else {
      this.unexplained.add(position);
      this.items.set(position, lost("The service returned an entry with neither image nor link."));
    }
  }

  #readLink(entry: unknown, index: number | undefined): boolean {
    const url = linkOf(entry);
    if (url === undefined) return false;
    this.items.set(this.#claim(index), { kind: "link", url, ...factsBeside(entry) });
    return true;
  }

  async #deliver(numbers: readonly number[], index: number | undefined, entry: unknown): Promise<void> {
    const picture = await this.#incoming.take(numbers);
    if (picture === undefined) return;
    const position = this.#claim(index);
    if (picture === "tooLarge") {
      this.items.set(position, lost("The image is larger than 64 MB."));
      return;
    }
    const { listener } = this.#options;
    await listenedTo(() => listener.onImage({ position, picture, ...factsBeside(entry) }), picture);
    this.items.set(position, { kind: "received" });
  }

  /** A picture less on the way is no reason to lose the one that is paid for: what is no image is left out. */
  async #tellPartial(parsed: WireEvent, numbers: readonly number[]): Promise<void> {
    const position = this.#named(parsed) ?? 0;
    const step = parsed.partial_image_index ?? this.#partials;
    this.#partials += 1;
    const picture = await this.#incoming.take(numbers);
    if (picture === undefined || picture === "tooLarge") return;
    try {
      const bytes = await picture.read();
      const { listener } = this.#options;
      if (recogniseImage(bytes) === undefined) return;
      await listenedTo(async () => listener.onPartial?.({ position, step, bytes }), picture);
    } finally {
      await picture.release();
    }
  }

  /** An index beyond what was asked for counts from 1, or from something else. */
  #named(event: unknown): number | undefined {
    const index = indexOf(event);
    return index !== undefined && index < this.#options.wanted ? index : undefined;
  }

  /** Undefined for an error that says nothing: services send `null`, `{}` and empty messages beside their images. */
  #saying(error: unknown): unknown {
    const { names, sentences, filters } = readErrorBody(error, this.#options.prompt);
    return names.length + sentences.length + filters.length > 0 ? error : undefined;
  }

  #claim(index: number | undefined): number {
    if (index !== undefined && !this.items.has(index)) return index;
    let position = 0;
    while (this.items.has(position)) position += 1;
    return position;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** What an entry says of its image. */
function factsBeside(entry: unknown): ImageFacts {
  return withoutAbsent({ revisedPrompt: revisedPromptOf(entry), filters: contentFiltersOf(entry) });
}

function lost(message: string): ReplyItem {
  return { kind: "lost", failure: errorInfo("upstreamUnavailable", message) };
}

async function listenedTo(listen: () => Promise<void>, picture: ReceivedPicture): Promise<void> {
  try {
    await listen();
  } catch (cause) {
    await picture.release();
    throw new ListenerFailure("a listener failed", { cause });
  }
}
