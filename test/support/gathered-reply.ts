import type { ImageRequest } from "../../src/domain/image-request.ts";
import type {
  EditFiles,
  ImageModel,
  OnPartial,
  PollReply,
  ReceivedPicture,
  ReplyItem,
  ReplyListener,
  SubmitReply,
  UpstreamReply,
} from "../../src/ports/image-model.ts";

/** An image with its bytes, in the place of the one that was handed on. */
export type GatheredItem =
  | { kind: "image"; bytes: Uint8Array; revisedPrompt?: string }
  | Exclude<ReplyItem, { kind: "received" }>;
type Gathered<R> = R extends { kind: "images" } ? Omit<R, "items"> & { items: GatheredItem[] } : R;

/** Reads and releases each image as it comes, and puts it where the reply says that it was received. */
export function gathering(onPartial?: OnPartial) {
  const images = new Map<number, GatheredItem>();
  const listener: ReplyListener = {
    ...(onPartial && { onPartial }),
    onImage: async ({ position, picture, ...facts }) => {
      images.set(position, { kind: "image", bytes: await picture.read(), ...facts });
      await picture.release();
    },
  };
  const join = <R extends UpstreamReply | PollReply | SubmitReply>(reply: R): Gathered<R> => {
    if (reply.kind !== "images") return reply as Gathered<R>;
    const items = reply.items.map((item, position) => {
      if (item.kind !== "received") return item;
      const image = images.get(position);
      if (!image) throw new Error(`nothing was handed on for position ${position}`);
      return image;
    });
    return { ...reply, items } as Gathered<R>;
  };
  return { images, listener, join };
}

/** A model whose replies hold their images, for tests that are not about how they are handed on. */
export function gatheringModel(model: ImageModel) {
  return {
    ...model,
    render: async (request: ImageRequest, images: number, signal: AbortSignal, onPartial?: OnPartial) => {
      const { listener, join } = gathering(onPartial);
      return join<UpstreamReply>(await model.render(request, images, signal, listener));
    },
    edit: async (
      request: ImageRequest,
      files: EditFiles,
      images: number,
      signal: AbortSignal,
      onPartial?: OnPartial,
    ) => {
      const { listener, join } = gathering(onPartial);
      return join<UpstreamReply>(await model.edit(request, files, images, signal, listener));
    },
    submit: async (request: ImageRequest, images: number, operationId: string, signal: AbortSignal) => {
      const { listener, join } = gathering();
      return join<SubmitReply>(await model.submit(request, images, operationId, signal, listener));
    },
    /** Positions alone that are wanted; links are followed, once. */
    poll: async (
      request: ImageRequest,
      operation: string,
      wanted: readonly number[],
      signal: AbortSignal,
      ageMs = 0,
    ) => {
      const { listener, join } = gathering();
      const reply = join<PollReply>(await model.poll(request, operation, ageMs, signal, listener));
      if (reply.kind !== "images") return reply;
      const items = wanted.flatMap((position) => reply.items[position] ?? []);
      return { ...reply, items: await Promise.all(items.map((item) => follow(model, item, signal))) };
    },
  };
}

async function follow(model: ImageModel, item: GatheredItem, signal: AbortSignal): Promise<GatheredItem> {
  if (item.kind !== "link") return item;
  const reply = await model.fetchImage(item.url, signal);
  if (reply.kind === "late") return item;
  return reply.kind === "image" && item.revisedPrompt !== undefined
    ? { ...reply, revisedPrompt: item.revisedPrompt }
    : reply;
}

export type GatheringModel = ReturnType<typeof gatheringModel>;
export type GatheredReply = Gathered<UpstreamReply | PollReply>;
export type GatheredUpstreamReply = Gathered<UpstreamReply>;

export const pictureOf = (bytes: Uint8Array): ReceivedPicture => ({
  bytes: bytes.byteLength,
  read: async () => bytes,
  unload: async () => undefined,
  release: async () => undefined,
});

/** Hands on the images that a scripted reply holds, as a service's are, and gives what is left of it. */
export async function play(reply: GatheredUpstreamReply, listener: ReplyListener): Promise<UpstreamReply>;
export async function play(reply: GatheredReply, listener: ReplyListener): Promise<PollReply>;
export async function play(reply: GatheredReply, listener: ReplyListener): Promise<PollReply> {
  if (reply.kind !== "images") return reply;
  const items: ReplyItem[] = [];
  for (const [position, item] of reply.items.entries()) {
    if (item.kind === "image") {
      const { bytes, revisedPrompt } = item;
      const image = { position, picture: pictureOf(bytes) };
      await listener.onImage(revisedPrompt === undefined ? image : { ...image, revisedPrompt });
    }
    items.push(item.kind === "image" ? { kind: "received" } : item);
  }
  return { ...reply, items };
}
