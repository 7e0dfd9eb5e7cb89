import fc from "fast-check";
import { expect, it } from "vitest";
import { beginAttempt, markAnswered, undoAttempt } from "../../../src/domain/call-attempts.ts";

const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
const record = fc.record({ inDoubt: ids, duplicates: ids }).map(({ inDoubt, duplicates }) => ({
  inDoubt,
  duplicates: duplicates.filter((id) => inDoubt.slice(1).includes(id)),
}));

it("an attempt that is undone leaves the record as it was before it", () => {
  fc.assert(
    fc.property(record, (before) => {
      expect(undoAttempt(beginAttempt(before, "new"), "new")).toEqual(before);
    }),
  );
});

it.each([
  ["beginning", (before: { inDoubt: string[]; duplicates: string[] }) => beginAttempt(before, "b")],
  ["undoing", (before: { inDoubt: string[]; duplicates: string[] }) => undoAttempt(before, "b")],
  ["answering", (before: { inDoubt: string[]; duplicates: string[] }) => markAnswered(before, "b")],
])("%s an attempt twice is the same as once: a write whose answer was lost is repeated", (_what, change) => {
  fc.assert(
    fc.property(record, (before) => {
      const once = change(before);
      expect(change({ inDoubt: [...once.inDoubt], duplicates: [...once.duplicates] })).toEqual(once);
    }),
  );
});
