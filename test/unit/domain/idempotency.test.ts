import { describe, expect, it } from "vitest";
import {
  type IdempotencyKey,
  givesWay,
  parseIdempotencyKey,
  kindOfTry,
  mayResume,
} from "../../../src/domain/idempotency.ts";

const original = { jobId: "job_x", bodyHash: "b", recordedAt: "2026-03-04T05:06:07.000Z" };
const after = (ms: number) => new Date(Date.parse(original.recordedAt) + ms);
const idempotencyKeyOf = (kind: IdempotencyKey["kind"]): IdempotencyKey => ({
  kind,
  tag: "t",
  name: "n",
  bodyHash: "b",
});
const minutes = 60_000;
const day = 24 * 60 * minutes;

describe("an idempotency record that stands", () => {
  it.each([
    ["key", 0, false],
    ["key", day, false],
    ["key", day + 1, true],
    ["retry", 10 * minutes, false],
    ["retry", 10 * minutes + 1, true],
    ["firstTry", 0, true],
    // The clock of another instance may be ahead.
    ["key", -5_000, false],
  ] as const)("to a %s, %d ms later, gives way: %s", (kind, ms, gives) => {
    expect(givesWay(original, idempotencyKeyOf(kind), after(ms))).toBe(gives);
  });

  it("leaves the one who wrote it the time to start its job, and then anyone who last took that over", () => {
    expect([4_999, 5_000].map((ms) => mayResume(original, after(ms)))).toEqual([false, true]);
    const resumed = { ...original, resumedAt: after(6_000).toISOString() };
    expect([10_999, 11_000].map((ms) => mayResume(resumed, after(ms)))).toEqual([false, true]);
  });
});

describe("an Idempotency-Key", () => {
  it.each(["a", "!", "~", "8e03978e-40d5-43e8-bc93-6894a57f9324", `"quoted"`, "x".repeat(255)])(
    "may be %s",
    (key) => {
      expect(parseIdempotencyKey(key)).toBe(key);
    },
  );

  it.each(["", " ", "a b", "a, b", "ä", "a\tb", "\x7f", "x".repeat(256)])("may not be %j", (key) => {
    expect(() => parseIdempotencyKey(key)).toThrow(
      expect.objectContaining({
        code: "invalidRequest",
        violations: [expect.objectContaining({ param: "Idempotency-Key" })],
      }),
    );
  });

  it("may be absent", () => {
    expect(parseIdempotencyKey(null)).toBeUndefined();
  });
});

it.each([
  ["0", "firstTry"],
  ["1", "retry"],
  ["2", "retry"],
  [null, undefined],
  ["", undefined],
  ["-1", undefined],
  ["one", undefined],
  ["1, 1", undefined],
])("a retry count of %j makes a request a %s", (count, kind) => {
  expect(kindOfTry(count)).toBe(kind);
});
