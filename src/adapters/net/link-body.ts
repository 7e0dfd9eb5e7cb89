import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { AppError } from "../../domain/app-error.ts";

/** More than is ever kept of one picture; its text completes a sentence. */
export class TooLarge extends AppError {
  constructor(maximumBytes: number) {
    super("tooLarge", `leads to more than ${Math.floor(maximumBytes / 2 ** 20)} MB.`);
  }
}

interface Reading {
  /** Of the header `content-encoding`: some servers compress whatever was asked for. */
  encoding: string | null;
  /** Of the bytes that arrive, unpacked: a declared length may be absent or untrue. */
  maximumBytes: number;
  onProgress: () => void;
}

/** A body's bytes, unpacked. Throws TooLarge, or whatever broke it off. */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  { encoding, maximumBytes, onProgress }: Reading,
): Promise<Uint8Array> {
  const arriving = Readable.from(eachValue(body, onProgress), { objectMode: false });
  const unpacker = unpackerOf(encoding);
  // An error of either stream is thrown by the loop below.
  const unpacked = unpacker ? pipeline(arriving, unpacker, () => undefined) : arriving;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maximumBytes) throw new TooLarge(maximumBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function* eachValue(body: AsyncIterable<Uint8Array>, onProgress: () => void) {
  for await (const chunk of body) {
    onProgress();
    yield chunk;
  }
}

function unpackerOf(encoding: string | null): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return undefined;
  }
}
