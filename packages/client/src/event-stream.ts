/** One message of an event stream (WHATWG HTML, 9.2.6). */
export interface Message {
  id: string | undefined;
  data: string;
}

/**
 * Messages as they arrive. Ends with the stream, or when nothing has come for `stallMs`: the service sends a comment every
 * 15 seconds, so that a phone that changed its network would otherwise wait for ever. Throws what the stream throws.
 */
export async function* readMessages(
  body: ReadableStream<Uint8Array>,
  stallMs: number,
): AsyncGenerator<Message, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  try {
    for (;;) {
      const stalled = setTimeout(() => void reader.cancel().catch(() => undefined), stallMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(stalled));
      if (done) return;
      const parts = (pending + decoder.decode(value, { stream: true })).split("\n\n");
      pending = parts.pop() ?? "";
      for (const part of parts) {
        const message = parseMessage(part);
        if (message) yield message;
      }
    }
  } finally {
    // A reader that stops early lets go of the connection; one that has failed is gone already.
    await reader.cancel().catch(() => undefined);
  }
}

/** Undefined for a comment. */
function parseMessage(text: string): Message | undefined {
  const lines = text.split("\n");
  const values = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trimStart());
  const data = values("data");
  return data.length === 0 ? undefined : { id: values("id")[0], data: data.join("\n") };
}
