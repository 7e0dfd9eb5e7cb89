import { expect, it } from "vitest";
import { throttleDelayMs } from "../../../src/domain/throttle.ts";

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
