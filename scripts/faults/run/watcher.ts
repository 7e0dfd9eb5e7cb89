import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../stack/client.ts";
import type { SeenEvent } from "./evidence.ts";

// What differs from one reading to the next: links, and what is made after the end.
const passing = /^(url|content_url|thumbnail_url|url_expires_at|links|progress)$/;

/**
 * Reads a job's events to the end of the job, as an EventSource does: it opens the stream again, with the last id it saw,
 * however often it is cut off.
 */
export async function watch(client: Client, jobId: string, until: number): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  while (Date.now() < until && !isOver(seen)) {
    const last = seen.at(-1)?.id;
    const headers = last === undefined ? {} : { "last-event-id": String(last) };
    try {
      const signal = AbortSignal.timeout(Math.max(1, until - Date.now()));
      const reply = await client.ask(`/api/jobs/${jobId}/events`, { headers, signal });
      if (reply.status === 204 || reply.status === 404) return seen;
      if (reply.status === 200 && reply.body) await readInto(seen, reply.body);
      else await reply.text();
    } catch {
      // Cut off: the stream is opened again.
    }
    if (!isOver(seen)) await sleep(200);
  }
  return seen;
}

const isOver = (seen: readonly SeenEvent[]) =>
  /^job\.(succeeded|failed|canceled)$/.test(seen.at(-1)?.type ?? "");

async function readInto(seen: SeenEvent[], body: ReadableStream<Uint8Array>): Promise<void> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = eventOf(text.slice(0, end));
      if (event) seen.push(event);
      text = text.slice(end + 2);
    }
  }
}

export function eventOf(block: string): SeenEvent | undefined {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
  const [id, type, data] = [field("id"), field("event"), field("data")];
  if (id === undefined || type === undefined) return undefined;
  const facts = JSON.stringify(JSON.parse(data ?? "null"), (key, value: unknown) =>
    passing.test(key) ? undefined : value,
  );
  return { id: Number(id), type, facts };
}
