import { createHash } from "node:crypto";
import { imageBlobName } from "../domain/blob-name.ts";
import { factsOf } from "../domain/fault.ts";
import { readDimensions } from "../domain/image-header.ts";
import { mediaTypes, recogniseImage } from "../domain/media-type.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { ImageStore, ReplyItem, SlotRecord } from "../ports.ts";

/**
 * Stores what a reply brought, image by image, and returns a record for each of the slots. Items stand in the order of
 * `slots`; an item too many is dropped, a missing one is a failure of its slot.
 */
export async function keepImages(
  images: ImageStore,
  jobId: string,
  slots: readonly number[],
  items: readonly ReplyItem[],
): Promise<SlotRecord[]> {
  return Promise.all(slots.map((index, position) => keepItem(images, jobId, index, items[position])));
}

async function keepItem(
  images: ImageStore,
  jobId: string,
  index: number,
  item: ReplyItem | undefined,
): Promise<SlotRecord> {
  if (!item) return lost(index, "The service returned fewer images than it was asked for.");
  if (item.kind === "lost") return { state: "failed", index, fault: item.fault };
  const kind = recogniseImage(item.bytes);
  const dimensions = kind && readDimensions(item.bytes, kind);
  if (!kind || !dimensions) return lost(index, "The service returned something that is not a usable image.");
  const image = withoutAbsent({
    index,
    ...dimensions,
    bytes: item.bytes.byteLength,
    sha256: createHash("sha256").update(item.bytes).digest("hex"),
    revisedPrompt: item.revisedPrompt,
  });
  const blob = imageBlobName(jobId, index, kind);
  const contentType = mediaTypes[kind];
  await images.put(blob, item.bytes, { contentType, image });
  return { state: "stored", blob, contentType, ...image };
}

function lost(index: number, message: string): SlotRecord {
  return { state: "failed", index, fault: factsOf("upstreamUnavailable", message) };
}
