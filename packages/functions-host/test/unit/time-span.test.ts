import { expect, test } from "vitest";
import { formatTimeSpan, parseTimeSpan } from "../../src/time-span.ts";

test.each([
  [0, "00:00:00"],
  [3 * 86_400_000, "3.00:00:00"],
  [90_061_250, "1.01:01:01.2500000"],
  [600_000, "00:10:00"],
])("%i milliseconds are written %s and read back", (milliseconds, text) => {
  expect(formatTimeSpan(milliseconds)).toBe(text);
  expect(parseTimeSpan(text)).toBe(milliseconds);
});

test.each(["", "5", "0 */5 * * * *", "1:2:3:4", "a:b:c"])("%j is no time span", (text) => {
  expect(parseTimeSpan(text)).toBeUndefined();
});
