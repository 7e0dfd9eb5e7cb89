import fc from "fast-check";
import { expect, it } from "vitest";
import { readRange } from "../../../src/domain/byte-range.ts";

it("never reaches beyond the thing, whatever the header says", () => {
  const header = fc.oneof(
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    fc.nat().map((a) => `bytes=${a}-`),
    fc.nat().map((a) => `bytes=-${a}`),
    fc.string(),
  );
  fc.assert(
    fc.property(header, fc.integer({ min: 1, max: 1_000 }), (text, size) => {
      const range = readRange(text, size);
      if (range === undefined || range === "unsatisfiable") return;
      expect(range.first).toBeGreaterThanOrEqual(0);
      expect(range.last).toBeGreaterThanOrEqual(range.first);
      expect(range.last).toBeLessThan(size);
    }),
  );
});

it.each([
  ["bytes=0-0", { first: 0, last: 0 }],
  ["bytes=-99", { first: 0, last: 9 }],
  ["bytes=9-9", { first: 9, last: 9 }],
  ["bytes=10-11", "unsatisfiable"],
  [null, undefined],
] as const)("reads %s of ten bytes as %j", (header, range) => {
  expect(readRange(header, 10)).toEqual(range);
});
