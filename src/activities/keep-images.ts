import { createHash } from "node:crypto";
import { imageBlobName } from "../domain/blob-name.ts";
import { factsOf } from "../domain/fault.ts";
import { isWhole, readDimensions } from "../domain/image-header.ts";
import { mediaTypes, recogniseImage } from "../domain/media-type.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { ImageStore } from "../ports.ts";
import type { SlotRecord } from "../records.ts";
import type { GatheredItem } from "./gathered-images.ts";

/**
 * Stores what a reply brought, image by image, and returns a record for each of the slots. Items stand in the order of
 * `slots`; an item too many is dropped, a missing one is a failure of its slot. `failure` is why a slot has no record yet
 * and may get one when the step is tried again.
 */
export async function keepImages(
  images: ImageStore,
  jobId: string,
  slots: readonly number[],
  items: readonly (GatheredItem | undefined)[],
): Promise<{ records: SlotRecord[]; failure?: Error }> {
  const kept = await Promise.allSettled(
    slots.map((index, position) => keepItem(images, jobId, index, items[position])),
  );
  // Only when all have come to rest: a retry that starts beside a running upload would pay for what is being stored.
  const records = kept.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = kept.find((one) => one.status === "rejected");
  if (!failed) return { records };
  const failure = failed.reason instanceof Error ? failed.reason : new Error("an image could not be kept");
  return { records, failure };
}

async function keepItem(
  images: ImageStore,
  jobId: string,
  index: number,
  item: GatheredItem | undefined,
): Promise<SlotRecord> {
  if (!item) return lost(index, "The service returned fewer images than it was asked for.");
  if (item.kind === "lost") return { state: "failed", index, fault: item.fault };
  const kind = recogniseImage(item.bytes);
  const dimensions = kind && readDimensions(item.bytes, kind);
  if (!kind || !dimensions || !isWhole(item.bytes, kind))
    return lost(index, "The service returned something that is not a usable image.");
  const image = withoutAbsent({
    index,
    ...dimensions,
    bytes: item.bytes.byteLength,
    sha256: createHash("sha256").update(item.bytes).digest("hex"),
    revisedPrompt: item.revisedPrompt,
  });
  const blob = imageBlobName(jobId, index, kind);
  const contentType = mediaTypes[kind];
  const written = await images.put(blob, item.bytes, { contentType, image });
  if (written) return { state: "stored", blob, contentType, ...image };
  // Another delivery was here first: the record must describe the bytes that stand, not these.
  const standing = (await images.list(jobId)).find((stored) => stored.index === index);
  return { state: "stored", ...(standing ?? { blob, contentType, ...image }) };
}

function lost(index: number, message: string): SlotRecord {
  return { state: "failed", index, fault: factsOf("upstreamUnavailable", message) };
}
