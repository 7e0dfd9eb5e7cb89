import { createHash } from "node:crypto";
import { imageBlobName } from "../domain/blob-name.ts";
import { type ErrorInfo, errorInfo } from "../domain/app-error.ts";
import { parseSize } from "../domain/image-size.ts";
import { identifyImage } from "../domain/received-image.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { HeldImage } from "../ports/answers.ts";
import type { ImageResizer, ImageStore } from "../ports/images.ts";
import type { JobRecord, SlotRecord } from "../ports/records.ts";
import type { Patience } from "./storage-patience.ts";
import { storeUnusable } from "./store-unusable.ts";

export interface Storing {
  images: ImageStore;
  resizer: ImageResizer;
}

/** The job that an image is stored for. */
export type ImageOwner = Pick<JobRecord, "id" | "requested">;

/**
 * Stores one received image and says how its slot ends. Running it twice writes to the same blob. `signal` cuts an attempt
 * short. Throws what storage throws; the image is still the caller's then.
 */
export async function storeImage(
  { images, resizer }: Storing,
  { id: jobId, requested }: ImageOwner,
  { index, picture, revisedPrompt, filters }: HeldImage,
  signal?: AbortSignal,
): Promise<SlotRecord> {
  const bytes = await sizedAs(requested?.size, await picture.read(), resizer);
  const found = identifyImage(bytes);
  if (!found) return storeUnusable(images, jobId, index, bytes);
  const { extension, contentType, width, height } = found;
  const image = withoutAbsent({
    index,
    width,
    height,
    bytes: bytes.byteLength,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    revisedPrompt,
    filters,
  });
  const blob = imageBlobName(jobId, index, extension);
  const written = await images.put(blob, bytes, { contentType, image }, signal);
  if (written) return { state: "stored", blob, contentType, ...image };
  // Another delivery was here first: the record must describe the bytes that stand, not these.
  const existing = (await images.list(jobId)).find((stored) => stored.index === index);
  return { state: "stored", ...(existing ?? { blob, contentType, ...image }) };
}

/** An image that can't be made another size is paid for all the same, and stays as it came. */
async function sizedAs(
  size: string | undefined,
  bytes: Uint8Array,
  resizer: ImageResizer,
): Promise<Uint8Array> {
  const wanted = size === undefined ? undefined : parseSize(size);
  return (wanted && (await resizer.resize(bytes, wanted))) ?? bytes;
}

// For 64 MB; longer than that, storage is away, and asked anew.
const maxStoreMs = 30_000;

/** Stores images that storage didn't take at once, one after another, and frees each. */
export async function storeHeld(
  deps: Storing,
  job: ImageOwner,
  held: readonly HeldImage[],
  patience: Patience,
): Promise<SlotRecord[]> {
  const ends: SlotRecord[] = [];
  for (const image of held) {
    ends.push(await patience(() => storeImage(deps, job, image, AbortSignal.timeout(maxStoreMs))));
    await image.picture.release();
  }
  return ends;
}

export function failedSlot(index: number, reason: string | ErrorInfo): SlotRecord {
  const failure = typeof reason === "string" ? errorInfo("upstreamUnavailable", reason) : reason;
  return { state: "failed", index, failure };
}

export function failedSlots(indexes: readonly number[], failure: ErrorInfo): SlotRecord[] {
  return indexes.map((index) => failedSlot(index, failure));
}

/** Ends of those slots whose image is stored although no record says so: its writer was cut off in between. */
export async function findStored(
  images: ImageStore,
  jobId: string,
  indexes: readonly number[],
): Promise<SlotRecord[]> {
  if (indexes.length === 0) return [];
  const stored = await images.list(jobId);
  return stored
    .filter(({ index }) => indexes.includes(index))
    .map((image) => ({ state: "stored", ...image }));
}
