import { errorInfo, type ErrorCode } from "../../src/domain/app-error.ts";
import type { SlotRecord, StoredFile } from "../../src/ports/records.ts";

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

export const failedSlot = (
  index: number,
  code: ErrorCode = "contentFilter",
  file?: StoredFile,
): SlotRecord => ({
  state: "failed",
  index,
  failure: errorInfo(code, "Why it failed."),
  ...(file && { file }),
});
