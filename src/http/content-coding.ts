import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { AppError, invalidRequest } from "../domain/app-error.ts";

/** Content codings that a body may come in (RFC 9110, 8.4.1). */
const decoders: Readonly<Record<string, (first: Uint8Array) => Transform>> = {
  gzip: () => createGunzip(),
  // Named for the zlib format; many clients send the bare one, whose first byte tells it apart.
  deflate: ([first = 0]) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
};
const aliases: Readonly<Record<string, string>> = { "x-gzip": "gzip" };
const names = Object.keys(decoders);
const maxCodings = 3;

/** The codings of a body, in the order in which they were applied. Throws `unsupportedMedia` naming those that are taken. */
export function codingsOf(header: string | null): string[] {
  const codings = (header ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => aliases[name.trim()] ?? name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (codings.length <= maxCodings && codings.every((name) => names.includes(name))) return codings;
  const message = `content-encoding must be made of ${names.join(", ")} or identity, at most ${maxCodings} of them.`;
  throw new AppError("unsupportedMedia", message, {
    violations: [{ param: "content-encoding", message, allowed: names }],
  });
}

/**
 * A body freed of its codings, as it arrives. `capped` bounds what comes out of each of them: a few bytes may unfold to any
 * number, and do so again. Nothing is unfolded before it is asked for. Throws `invalidRequest` for what isn't so coded.
 */
export function decoded(
  chunks: AsyncIterable<Uint8Array>,
  codings: readonly string[],
  capped: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  return codings.reduceRight((inner, coding) => capped(unfold(inner, coding)), capped(chunks));
}

async function* unfold(chunks: AsyncIterable<Uint8Array>, coding: string): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let first = await source.next();
  while (first.done !== true && first.value.byteLength === 0) first = await source.next();
  // A body of nothing is nothing in any coding.
  if (first.done === true) return;
  const { value } = first;
  const decoder = decoders[coding]?.(value);
  if (!decoder) throw new Error("A coding was not checked.");
  const input = Readable.from(
    (async function* () {
      try {
        yield value;
        for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
      } finally {
        await source.return?.();
      }
    })(),
    // One chunk at a time: nothing is read ahead.
    { highWaterMark: 1 },
  );
  // Whatever fails ends the decoder, and is thrown to its reader.
  pipeline(input, decoder, () => undefined);
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    if (!isMalformed(error)) throw error;
    throw invalidRequest([{ param: "body", message: `The body is not valid ${coding}, or is cut short.` }]);
  }
}

/** As Node's zlib names what it can't read: Z_DATA_ERROR, Z_BUF_ERROR; of Brotli, ERR__ERROR_FORMAT_…. */
function isMalformed(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(Z_|ERR__ERROR_)/.test(String(error.code));
}
