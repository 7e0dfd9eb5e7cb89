import * as z from "zod";
import { checkShape } from "../contracts/check-shape.ts";
import { type ImageReference, imageReference } from "../contracts/image-source.ts";
import { openMade } from "./made-image.ts";
import type { Reading } from "./read-sources.ts";
import { type Arrival, type ReceivedInput, receiveInput } from "./receive-input.ts";

const maxReferenceBytes = 1_024;
const brace = 0x7b;

/** A form's image or mask: a file, or `{ "job_id", "index" }` in its place, which no picture's file begins like. */
export async function receivePart(
  deps: Omit<Reading, "fetcher">,
  caller: string,
  arrival: Arrival,
  bytes: AsyncIterable<Uint8Array>,
): Promise<ReceivedInput> {
  const { head, all } = await peek(bytes);
  const named = readReference(head, arrival.param);
  if (!named) return receiveInput(deps.uploads, arrival, all);
  return receiveInput(deps.uploads, arrival, await openMade(deps, caller, named, arrival.param));
}

/** Undefined for whatever isn't JSON with a `job_id`: an inspection says what it is instead. */
function readReference(head: Uint8Array, param: string): ImageReference | undefined {
  const value = head[0] === brace ? parse(head) : undefined;
  if (typeof value !== "object" || value === null || !("job_id" in value)) return undefined;
  return checkShape({ [param]: value }, z.strictObject({ [param]: imageReference }))[param];
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    // Cut off, or no JSON at all: not a reference.
    return undefined;
  }
}

/** The first bytes: one chunk of a file, and all of what begins like a reference and is as short as one. */
async function peek(bytes: AsyncIterable<Uint8Array>) {
  const source = bytes[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let head: Uint8Array = new Uint8Array();
  while (head.byteLength === 0 || (head[0] === brace && head.byteLength <= maxReferenceBytes)) {
    const next = await source.next();
    if (next.done === true) break;
    read.push(next.value);
    head = read.length === 1 ? next.value : Buffer.concat(read);
  }
  return { head, all: rejoin(read, source) };
}

/** What was read before, and then the rest; a reader that stops early lets go of the source. */
async function* rejoin(
  read: readonly Uint8Array[],
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* read;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}
