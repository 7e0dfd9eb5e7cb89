import type { JobEventReply } from "../../src/contracts/job-events.ts";

/** One message of a job's event stream, and when it was read. */
export interface SeenEvent {
  id: number;
  name: string;
  data: JobEventReply;
  at: number;
}

/** Reads a stream of server-sent events message by message. Leaving the loop closes the connection. */
export async function* readEvents(reply: Response): AsyncGenerator<SeenEvent> {
  if (!reply.body) return;
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of reply.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const message = parseMessage(text.slice(0, end));
      text = text.slice(end + 2);
      if (message) yield message;
    }
  }
}

export function parseMessages(text: string): SeenEvent[] {
  return text.split("\n\n").flatMap((block) => parseMessage(block) ?? []);
}

/** What is the same for every watcher: links are made anew for each. */
export function lasting({ id, name, data }: SeenEvent) {
  const { index, partial_index, image, failure, job } = data;
  return {
    id,
    name,
    index,
    partial_index,
    sha256: image?.sha256,
    failure,
    images: job?.images.map(({ sha256 }) => sha256),
    created_at: data.created_at,
  };
}

function parseMessage(block: string): SeenEvent | undefined {
  const lines = block.split("\n");
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const data = field("data");
  if (data === undefined) return undefined;
  return {
    id: Number(field("id")),
    name: field("event") ?? "",
    data: JSON.parse(data) as JobEventReply,
    at: Date.now(),
  };
}
