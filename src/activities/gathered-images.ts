import type { ReceivedImage, ReplyItem } from "../ports.ts";

/** One image of a reply as it is to be kept: its bytes, or why there are none. */
export type GatheredItem =
  { kind: "image"; bytes: Uint8Array; revisedPrompt?: string } | Extract<ReplyItem, { kind: "lost" }>;

/** Takes the images of a reply as they come, and joins them to its items once it is whole. */
export class GatheredImages {
  readonly #found = new Map<number, GatheredItem>();

  readonly onImage = async ({ position, picture, ...facts }: ReceivedImage): Promise<void> => {
    const bytes = await picture.read();
    await picture.release();
    this.#found.set(position, { kind: "image", bytes, ...facts });
  };

  get size(): number {
    return this.#found.size;
  }

  at(position: number, item?: ReplyItem): GatheredItem | undefined {
    return this.#found.get(position) ?? (item?.kind === "lost" ? item : undefined);
  }
}
