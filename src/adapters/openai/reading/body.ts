/** The connection broke in the middle of a body; `cause` is how. */
export class BrokenBody extends Error {
  override readonly name = "BrokenBody";
}

/**
 * The chunks of a body. Leaving the loop closes the connection, or lets go of it where the body has ended. Throws the
 * signal's reason as soon as it is aborted, and a BrokenBody when the connection breaks.
 */
export async function* chunksOf(response: Response, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  if (!response.body) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  // What is left of a body that broke is nothing to be told of: anyone who reads is told that it broke.
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const read = await reader.read().catch((cause: unknown) => {
        signal.throwIfAborted();
        throw new BrokenBody("the body broke off", { cause });
      });
      signal.throwIfAborted();
      if (read.done) return;
      yield Buffer.from(read.value.buffer, read.value.byteOffset, read.value.byteLength);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
