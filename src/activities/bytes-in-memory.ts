import type { ReceivedPicture } from "../ports/image-model.ts";

const done = () => Promise.resolve();

/** A picture whose bytes are in hand already. */
export function bytesInMemory(bytes: Uint8Array): ReceivedPicture {
  return { bytes: bytes.byteLength, read: () => Promise.resolve(bytes), unload: done, release: done };
}
