import { expect, it } from "vitest";
import { type CallPause, progressOf } from "../../../src/domain/call-pause.ts";

const now = 1_800_000_000_000;
const bounds = { now, deadline: now + 600_000, maxAttemptsInDoubt: 6 };

it.each([
  ["throttled", 16_000],
  // An operation is asked for as often as its service says.
  ["pending", 2_000],
] as const)("after eight answers `%s` that name two seconds a call waits for %d ms", (kind, waitMs) => {
  let pause: CallPause | undefined;
  for (let round = 0; round < 8; round += 1) {
    const progress = progressOf({ kind, retryAfterMs: 2_000 }, pause, bounds);
    if (progress.kind !== "paused") expect.fail("it is settled");
    ({ pause } = progress);
  }
  expect(pause?.wakeAt).toBe(now + waitMs);
});
