import { expect, it } from "vitest";
import { retryAfterMs } from "../../../src/domain/retry-after.ts";

const now = new Date("2026-03-04T05:06:07.000Z");
const wait = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now);

it.each([
  [{}, 0],
  [{ "retry-after": "4" }, 4_000],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": " 2 " }, 2_000],
  [{ "retry-after": "0.25" }, 250],
  [{ "retry-after-ms": "1500" }, 1_500],
  [{ "retry-after-ms": "0.4" }, 1],
  [{ "retry-after-ms": "250", "retry-after": "1" }, 250],
  [{ "retry-after-ms": "0", "retry-after": "1" }, 1_000],
  [{ "retry-after-ms": "soon", "retry-after": "1" }, 1_000],
  [{ "retry-after": "Wed, 04 Mar 2026 05:06:17 GMT" }, 10_000],
  [{ "retry-after": "Wed, 04 Mar 2026 05:06:00 GMT" }, 0],
  [{ "retry-after": "" }, 0],
  [{ "retry-after": "-5" }, 0],
  [{ "retry-after": "later" }, 0],
  [{ "retry-after": "later 2099" }, 0],
  [{ "retry-after": "NaN" }, 0],
])("%j asks for a wait of %i ms", (headers, expected) => {
  expect(wait(headers)).toBe(expected);
});

it.each([
  { "retry-after": "Infinity" },
  { "retry-after": "1e300" },
  { "retry-after-ms": "Infinity" },
  { "retry-after-ms": "9".repeat(400) },
  { "retry-after": "9".repeat(30) },
])("%j is no wait that a timer could not hold", (headers) => {
  const until = new Date(now.getTime() + wait(headers));
  expect(until.getTime()).not.toBeNaN();
  expect(wait(headers)).toBeLessThanOrEqual(24 * 3_600_000);
});
