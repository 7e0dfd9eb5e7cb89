import type { ErrorCode } from "./app-error.ts";

type Slot = { state: "stored" } | { state: "failed"; failure: { code: ErrorCode } };

/** How many slots failed, by the reason, in the order of their first. */
export function countFailures(slots: readonly Slot[]): Map<ErrorCode, number> {
  const counts = new Map<ErrorCode, number>();
  for (const slot of slots)
    if (slot.state === "failed") counts.set(slot.failure.code, (counts.get(slot.failure.code) ?? 0) + 1);
  return counts;
}
