import { expect, it } from "vitest";
import { preferredWaitSeconds } from "../../../src/http/prefer-wait.ts";

it.each([
  [null, 0],
  ["", 0],
  ["wait=30", 30],
  ["WAIT=30", 30],
  ["wait = 30", 30],
  [`wait="30"`, 30],
  ["respond-async, wait=30", 30],
  ["wait=30; strict", 30],
  ["wait=30, wait=5", 30],
  ["wait=0", 0],
  ["wait", 60],
  ["wait, respond-async", 60],
  ["wait=200", 200],
  ["wait=201", 200],
  ["wait=99999999999999999999999999", 200],
  ["wait=-5", 0],
  ["wait=1.5", 0],
  ["wait=soon", 0],
  ["wait=", 0],
  ["await=30", 0],
  ["waiting=30", 0],
  ["respond-async", 0],
])("Prefer: %s holds the reply for up to %i seconds", (prefer, seconds) => {
  expect(preferredWaitSeconds(prefer)).toBe(seconds);
});

it("a header of nothing but room is read without effort", () => {
  expect(preferredWaitSeconds(`wait${" ".repeat(100_000)}!`)).toBe(0);
});
