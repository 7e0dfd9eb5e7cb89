import type { HeldImage } from "../ports/answers.ts";
import type { ReceivedImage } from "../ports/image-model.ts";
import type { SlotRecord } from "../ports/records.ts";
import { type ImageOwner, storeImage, type Storing } from "./store-image.ts";

export interface Receiver {
  onImage: (image: ReceivedImage) => Promise<void>;
  /** Ends of the slots whose image was stored, or is none. */
  ends: SlotRecord[];
  /** Images that storage didn't take at once. */
  held: HeldImage[];
  /** Frees what is still held: memory that nobody gives back is gone for every other call. */
  release: () => Promise<void>;
}

// The service waits while an image is stored: a connection that stands still for long is cut somewhere on its way.
const storeWithinMs = 10_000;

/**
 * Takes in the images of a reply while it is read. Each is stored as it comes, so that few are in memory; once storage
 * fails the others are held, since a reply must be read to its end whatever storage does.
 *
 * @param wanted slots by position within the call; an image at a position without one is dropped
 */
export function receiveImages(
  deps: Storing,
  job: ImageOwner,
  wanted: readonly (number | undefined)[],
  ended: AbortSignal,
): Receiver {
  const ends: SlotRecord[] = [];
  const held: HeldImage[] = [];

  /** False when storage failed: it is asked again, with patience, once the reply has been read. */
  async function storeNow(image: HeldImage): Promise<boolean> {
    try {
      ends.push(await storeImage(deps, job, image, AbortSignal.timeout(storeWithinMs)));
      return true;
    } catch {
      // Its memory may be what another call's picture waits for.
      await image.picture.unload();
      return false;
    }
  }

  return {
    ends,
    held,
    async release() {
      for (const { picture } of held) await picture.release();
    },
    async onImage({ position, picture, ...facts }) {
      const index = wanted[position];
      const isKnown = [...ends, ...held].some((known) => known.index === index);
      // Of a job that has ended nothing is stored, not even for a moment.
      if (index === undefined || isKnown || ended.aborted) return picture.release();
      const image = { index, picture, ...facts };
      if (held.length === 0 && (await storeNow(image))) return picture.release();
      held.push(image);
    },
  };
}
