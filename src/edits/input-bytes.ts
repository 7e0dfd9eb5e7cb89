import { gather } from "../async/gather.ts";
import { partError } from "../domain/param-error.ts";
import type { UploadStore } from "../ports/inputs.ts";
import type { ReceivedInput } from "./receive-input.ts";

/** At most 50 MB, as inspection saw to it; and only of pictures that must be decoded. */
export async function readWhole(uploads: UploadStore, { param, blob }: ReceivedInput): Promise<Uint8Array> {
  const bytes = await uploads.open({ container: "uploads", blob });
  if (!bytes) throw partError(param, "conflict", "was removed while it was read");
  return gather(bytes);
}

export async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

export function undecodable({ param }: ReceivedInput) {
  return partError(param, "invalidRequest", "is damaged: its pixels can't be decoded");
}
