import { expect, it } from "vitest";
import { throttleDelayMs, turnedAwayDelayMs } from "../../../src/domain/throttle.ts";

it("keeps the wait that the service named, in every round", () => {
  expect([throttleDelayMs(4_000, 0), throttleDelayMs(1_000, 5)]).toEqual([4_000, 1_000]);
});

it("doesn't believe in a wait of next to nothing", () => {
  expect([0, 1, 2].map((round) => throttleDelayMs(1, round))).toEqual([1_000, 2_000, 4_000]);
});

it("doubles its own wait up to a minute where the service named none", () => {
  expect([0, 1, 2, 6, 50].map((round) => throttleDelayMs(0, round))).toEqual([
    1_000, 2_000, 4_000, 60_000, 60_000,
  ]);
});

it("waits longer for a call that was turned away three times by the clock of the service", () => {
  const waits = [0, 1, 2, 3, 4, 5, 9, 50].map((round) => turnedAwayDelayMs(2_000, round));
  expect(waits).toEqual([2_000, 2_000, 2_000, 2_000, 2_000, 4_000, 60_000, 60_000]);
  expect(turnedAwayDelayMs(90_000, 12)).toBe(90_000);
});
