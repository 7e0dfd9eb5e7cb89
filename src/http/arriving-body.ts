import type { HttpRequest } from "@azure/functions";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { codingsOf, decoded } from "./content-coding.ts";

/**
 * A body as it arrives, freed of its content codings, chunk by chunk, asked for one at a time: nothing is read ahead of its
 * reader.
 */
export class ArrivingBody {
  /** What is wrong with the body itself. A reader may swallow or wrap it; here it stays, and stands above the rest. */
  failure: AppError | undefined;
  get isEmpty(): boolean {
    return !this.#hasBegun;
  }
  #hasBegun = false;
  readonly #chunks: AsyncGenerator<Uint8Array, undefined>;

  /**
   * The cap is on what arrives, and on what comes out of each coding; a declared length only lets a refusal come sooner. Throws
   * `tooLarge`, or `unsupportedMedia` for codings that aren't read here.
   */
  constructor(request: HttpRequest, maximumBytes: number) {
    const tooLarge = () => new AppError("tooLarge", `The body may have at most ${maximumBytes} bytes.`);
    if (Number(request.headers.get("content-length") ?? 0) > maximumBytes) throw tooLarge();
    const codings = codingsOf(request.headers.get("content-encoding"));
    const capped = (some: AsyncIterable<Uint8Array>) => cap(some, maximumBytes, tooLarge);
    const chunks = (request.body ?? []) as AsyncIterable<Uint8Array>;
    this.#chunks = this.#read(decoded(chunks, codings, capped));
  }

  /** The next chunk; nothing at the body's end. */
  async next(): Promise<Uint8Array | undefined> {
    try {
      const { value, done } = await this.#chunks.next();
      return done === true ? undefined : value;
    } catch (error) {
      // Anything else: the caller hung up, or the network did. Nobody is left to answer, and nothing is wrong here.
      throw error instanceof AppError ? this.#fail(error) : this.malformed("broke off before its end");
    }
  }

  /** Keeps and gives the error that the body has by what stands in it. */
  malformed(how: string): AppError {
    return this.#fail(invalidRequest([{ param: "body", message: `The body ${how}.` }]));
  }

  /** Reads what is left and keeps none of it. */
  async drop(): Promise<void> {
    while ((await this.next()) !== undefined);
  }

  async *#read(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
    for await (const chunk of chunks) {
      this.#hasBegun ||= chunk.byteLength > 0;
      yield chunk;
    }
  }

  #fail(failure: AppError): AppError {
    this.failure ??= failure;
    return this.failure;
  }
}

async function* cap(
  chunks: AsyncIterable<Uint8Array>,
  maximumBytes: number,
  tooLarge: () => AppError,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > maximumBytes) throw tooLarge();
    yield chunk;
  }
}
