import { factsOf, UpstreamFault } from "../domain/fault.ts";
import type { PollReply, ReplyItem, ReplyListener, UpstreamReply } from "../ports.ts";
import { downloadImage } from "./download.ts";
import type { ReceivedPictures } from "./reading/received-pictures.ts";

interface Following {
  /** How often a link is tried. */
  attempts: number;
  /** Whether an image that can't be had now can be asked for again at no cost: then its fault is thrown in the end. */
  isFree: boolean;
  signal: AbortSignal;
  listener: ReplyListener;
  pictures: ReceivedPictures;
}

/** Fetches the images that a reply only links to, and hands them on like those that came with it. */
export async function followLinks<R extends UpstreamReply | PollReply>(
  reply: R,
  following: Following,
): Promise<R> {
  if (reply.kind !== "images") return reply;
  const faults: UpstreamFault[] = [];
  const follow = async (item: ReplyItem, position: number): Promise<ReplyItem> => {
    if (item.kind !== "link") return item;
    try {
      return await followLink(item, position, following);
    } catch (fault) {
      if (!(fault instanceof UpstreamFault)) throw fault;
      faults.push(fault);
      const message = `The image could not be fetched: ${fault.detail}.`;
      return { kind: "lost", fault: factsOf("upstreamUnavailable", message) };
    }
  };
  const items = await Promise.all(reply.items.map(follow));
  const [fault] = faults;
  if (fault && (following.isFree || following.signal.aborted)) throw fault;
  return { ...reply, items };
}

async function followLink(
  { url, revisedPrompt }: Extract<ReplyItem, { kind: "link" }>,
  position: number,
  { attempts, signal, listener, pictures }: Following,
): Promise<ReplyItem> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const found = await downloadImage(url, signal);
      if (found.kind === "lost") return found;
      const sink = pictures.open();
      await sink.write(found.bytes);
      const image = { position, picture: await sink.finish() };
      await listener.onImage(revisedPrompt === undefined ? image : { ...image, revisedPrompt });
      return { kind: "received" };
    } catch (error) {
      if (!(error instanceof UpstreamFault) || signal.aborted || attempt === attempts) throw error;
    }
  }
}
