import type { HttpRequest } from "@azure/functions";
import { Fault, invalidRequest } from "../domain/fault.ts";

/** A body as it arrives, chunk by chunk, asked for one at a time: nothing is read ahead of its reader. */
export class ArrivingBody {
  /** What is wrong with the body itself. A reader may swallow or wrap it; here it stays, and stands above the rest. */
  fault: Fault | undefined;
  size = 0;
  readonly #chunks: AsyncGenerator<Uint8Array, undefined>;

  /** The cap is on what arrives; a declared length only lets a refusal come sooner. */
  constructor(request: HttpRequest, maximumBytes: number) {
    const tooLarge = () => new Fault("tooLarge", `The body may have at most ${maximumBytes} bytes.`);
    if (Number(request.headers.get("content-length") ?? 0) > maximumBytes) throw tooLarge();
    const chunks = (request.body ?? []) as AsyncIterable<Uint8Array>;
    this.#chunks = this.#read(chunks, maximumBytes, tooLarge);
  }

  /** The next chunk; nothing at the body's end. */
  async next(): Promise<Uint8Array | undefined> {
    try {
      const { value, done } = await this.#chunks.next();
      return done === true ? undefined : value;
    } catch (error) {
      // Anything else: the caller hung up, or the network did. Nobody is left to answer, and nothing is wrong here.
      throw error instanceof Fault ? this.#fail(error) : this.malformed("broke off before its end");
    }
  }

  /** Keeps and gives the fault that the body has by what stands in it. */
  malformed(how: string): Fault {
    return this.#fail(invalidRequest([{ param: "body", message: `The body ${how}.` }]));
  }

  /** Reads what is left and keeps none of it. */
  async drop(): Promise<void> {
    while ((await this.next()) !== undefined);
  }

  async *#read(
    chunks: AsyncIterable<Uint8Array>,
    maximumBytes: number,
    tooLarge: () => Fault,
  ): AsyncGenerator<Uint8Array, undefined> {
    for await (const chunk of chunks) {
      this.size += chunk.byteLength;
      if (this.size > maximumBytes) throw tooLarge();
      yield chunk;
    }
  }

  #fail(fault: Fault): Fault {
    this.fault ??= fault;
    return this.fault;
  }
}
