import { createHash } from "node:crypto";
import { imageBlobName } from "../domain/blob-name.ts";
import { type ErrorInfo, errorInfo } from "../domain/app-error.ts";
import { parseSize } from "../domain/image-size.ts";
import { hasContentCredentials } from "../domain/image-format/content-credentials.ts";
import { type DigitalSourceType, digitalSourceTypeOf, type ProvenanceMark } from "../domain/provenance.ts";
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
export type ImageOwner = Pick<JobRecord, "id" | "kind" | "requested">;

/**
 * Stores one received image and says how its slot ends. Running it twice writes to the same blob. `signal` cuts an attempt
 * short. Throws what storage throws; the image is still the caller's then.
 */
export async function storeImage(
  { images, resizer }: Storing,
  { id: jobId, kind, requested }: ImageOwner,
  { index, picture, revisedPrompt, filters }: HeldImage,
  signal?: AbortSignal,
): Promise<SlotRecord> {
  const received = await picture.read();
  const resized = await sizedAs(requested?.size, received, digitalSourceTypeOf(kind), resizer);
  // An image that can't be made another size is paid for all the same, and stays as it came.
  const bytes = resized ?? received;
  const found = identifyImage(bytes);
  if (!found) return storeUnusable(images, jobId, index, bytes);
  const { extension, contentType, width, height } = found;
  const image = withoutAbsent({
    index,
    width,
    height,
    bytes: bytes.byteLength,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    provenance: provenanceOf(bytes, resized !== undefined),
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

/** Undefined where no other size was asked for, or none can be made. */
async function sizedAs(
  size: string | undefined,
  bytes: Uint8Array,
  sourceType: DigitalSourceType,
  resizer: ImageResizer,
): Promise<Uint8Array | undefined> {
  const wanted = size === undefined ? undefined : parseSize(size);
  return wanted && resizer.resize(bytes, wanted, sourceType);
}

function provenanceOf(bytes: Uint8Array, isMadeAnew: boolean): ProvenanceMark | undefined {
  if (isMadeAnew) return "iptc";
  return hasContentCredentials(bytes) ? "c2pa" : undefined;
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
