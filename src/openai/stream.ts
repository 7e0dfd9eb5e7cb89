import type { OpenAI } from "openai";
import { Stream } from "openai/streaming";
import { UpstreamFault } from "../domain/fault.ts";
import { recogniseImage } from "../domain/media-type.ts";
import type { OnPartial, PartialImage, UpstreamReply } from "../ports.ts";
import { senselessReply, sortError } from "./faults.ts";
import { readReply } from "./reply.ts";
import { sortStreamError } from "./stream-error.ts";
import { type WireEvent, wireError, wireEvent } from "./wire.ts";

interface Listening {
  client: OpenAI;
  /** Never to appear in a message. */
  prompt: string;
  signal: AbortSignal;
  onPartial: OnPartial | undefined;
  now: () => Date;
}

type Heard = { kind: "partial"; partial: PartialImage } | { kind: "end"; reply: UpstreamReply };

/** One event as the client hands it on; the name is null where the service sent none. */
interface SentEvent {
  event: string | null;
  data: unknown;
}

/**
 * Asks for a stream and reads it to its image, which ends it. What the listener throws ends it too and is thrown as it
 * is: it never passes through the sorting of upstream errors.
 */
export async function readStream(ask: () => Promise<Response>, listening: Listening): Promise<UpstreamReply> {
  for await (const heard of hear(ask, listening)) {
    if (heard.kind === "end") return heard.reply;
    await listening.onPartial?.(heard.partial);
  }
  throw senselessReply("a stream that told nothing");
}

/** Everything the service says, with its errors sorted. The next event is read when the last one has been dealt with. */
async function* hear(
  ask: () => Promise<Response>,
  { client, prompt, signal, now }: Listening,
): AsyncGenerator<Heard> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  signal.addEventListener("abort", leave, { once: true });
  try {
    const response = await ask();
    if (isJson(response)) {
      // A service, or a gateway before it, that takes no notice of `stream`.
      yield { kind: "end", reply: await readReply(await response.json(), prompt, signal) };
      return;
    }
    let step = 0;
    for await (const sent of Stream.fromSSEResponse<SentEvent>(response, leaving, client, true, "events")) {
      const { name, told } = readEvent(sent);
      if (isPartial(name)) {
        const partial = readPartial(told, step);
        step += 1;
        if (partial) yield { kind: "partial", partial };
      } else if (name === "error" || told.error) {
        yield {
          kind: "end",
          reply: sortStreamError(told.error ?? wireError.parse(told), prompt, now(), step > 0),
        };
        return;
      } else if (isCompleted(name)) {
        const data = told.b64_json || told.url ? [told] : [];
        yield { kind: "end", reply: await readReply({ data, usage: told.usage }, prompt, signal) };
        return;
      }
    }
    throw new UpstreamFault("the stream ended without its image", { mayBeBilled: true });
  } catch (error) {
    yield { kind: "end", reply: sortError(error, prompt, now(), { signal }) };
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** The name stands in the event's own line and in its data; gateways are known to lose the first. */
function readEvent({ event, data }: SentEvent): { name: string; told: WireEvent } {
  const { data: told = {} } = wireEvent.safeParse(data);
  return { name: event === "error" ? event : (told.type ?? event ?? ""), told };
}

// An edit's events and a generation's differ in their first word only.
const isPartial = (name: string) => /^image_\w+\.partial_image$/.test(name);
const isCompleted = (name: string) => /^image_\w+\.completed$/.test(name);

/** Undefined for what is no image: a picture less on the way is no reason to lose the one that is paid for. */
function readPartial({ b64_json, partial_image_index }: WireEvent, count: number): PartialImage | undefined {
  const bytes = Buffer.from(b64_json ?? "", "base64");
  if (recogniseImage(bytes) === undefined) return undefined;
  return { position: 0, step: partial_image_index ?? count, bytes };
}

function isJson({ headers }: Response): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(headers.get("content-type") ?? "");
}
