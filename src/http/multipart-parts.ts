import { setImmediate } from "node:timers/promises";
import { Dicer } from "@fastify/busboy";
import type { ArrivingBody } from "./arriving-body.ts";

/** By lower-case name; a header given twice has two values. */
export type PartHeaders = Readonly<Record<string, readonly string[] | undefined>>;

export interface Part {
  headers: PartHeaders;
  /** To be read before the next part is asked for; what is left by then is dropped. */
  bytes: AsyncIterable<Uint8Array>;
}

interface Arrival {
  headers?: PartHeaders;
  chunks: Uint8Array[];
  hasEnded: boolean;
}

/**
 * The parts of a multipart body, one after the other, while it arrives.
 *
 * The parser is fed one chunk at a time, and only when somebody waits for what may stand in it. So at most one chunk is
 * held, a slow reader slows the client, and no event of the parser is ever waited for: what it has not told when a chunk
 * is digested, it tells with the next, or the body is over and it never will.
 */
export async function* partsOf(body: ArrivingBody, boundary: string): AsyncGenerator<Part, undefined> {
  const arrivals: Arrival[] = [];
  const end = { isReached: false };
  const parser = new Dicer({ boundary })
    .on("part", (stream) => {
      const arrival: Arrival = { chunks: [], hasEnded: false };
      arrivals.push(arrival);
      stream.on("header", (headers) => (arrival.headers = headers as PartHeaders));
      stream.on("data", (chunk: Buffer) => arrival.chunks.push(chunk));
      stream.on("end", () => (arrival.hasEnded = true));
    })
    .on("finish", () => (end.isReached = true));

  async function feed(): Promise<void> {
    const chunk = await body.next();
    if (chunk === undefined) throw body.malformed(body.isEmpty ? "is empty" : "ends before its end boundary");
    parser.write(chunk);
    // Its streams speak on later ticks; by then all of them have passed.
    await setImmediate();
  }

  async function* bytesOf(arrival: Arrival): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const chunk = arrival.chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (arrival.hasEnded) return;
      else await feed();
    }
  }

  while (arrivals.length > 0 || !end.isReached) {
    const arrival = arrivals.shift();
    if (arrival === undefined) {
      await feed();
      continue;
    }
    while (arrival.headers === undefined && !arrival.hasEnded) await feed();
    if (arrival.headers === undefined) throw body.malformed("has a part without an end of its headers");
    yield { headers: arrival.headers, bytes: bytesOf(arrival) };
    const left = bytesOf(arrival);
    while ((await left.next()).done !== true);
  }
  await body.drop();
}
