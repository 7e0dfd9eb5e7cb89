import { factsOf, type FaultCode } from "../../src/domain/fault.ts";
import type { SlotRecord } from "../../src/records.ts";

export const storedSlot = (index: number, hasThumbnails?: true): SlotRecord => ({
  state: "stored",
  index,
  blob: `blobs/${index}.png`,
  contentType: "image/png",
  width: 1024,
  height: 768,
  bytes: 34,
  sha256: "ab".repeat(32),
  revisedPrompt: "a fine cat",
  ...(hasThumbnails && { hasThumbnails }),
});

export const failedSlot = (index: number, code: FaultCode = "contentFilter"): SlotRecord => ({
  state: "failed",
  index,
  fault: factsOf(code, "Why it failed."),
});
