import { receivedPictures } from "../../src/adapters/openai/reading/received-pictures.ts";
import { type Reading, readReply } from "../../src/adapters/openai/reply.ts";
import type { OnPartial, PartialImage } from "../../src/ports/image-model.ts";
import { gathering } from "./gathered-reply.ts";

type Options = Partial<Reading> & { onPartial?: OnPartial };

/** Reads one response as an adapter does, and gives the reply with its images, and the partial images before it. */
export async function readResponse(response: Response, { onPartial, ...options }: Options = {}) {
  const partials: PartialImage[] = [];
  const { listener, images, join } = gathering(async (partial) => {
    await onPartial?.(partial);
    partials.push(partial);
  });
  const reading: Reading = {
    prompt: "canary-4713 An umbrella on the beach",
    wanted: 1,
    signal: new AbortController().signal,
    listener,
    pictures: receivedPictures(),
    now: () => new Date("2026-03-04T05:06:07.000Z"),
    ...options,
  };
  return { reply: join(await readReply(response, reading)), partials, images };
}
