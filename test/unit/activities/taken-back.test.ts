import fc from "fast-check";
import { expect, it } from "vitest";
import { reopen, takeBack } from "../../../src/domain/call-record.ts";

it("a send that is taken back leaves the record as it was before it", () => {
  const record = fc
    .record({ unanswered: fc.nat(5), repeated: fc.nat(5) })
    .filter(({ unanswered, repeated }) => unanswered > 0 || repeated === 0);
  fc.assert(
    fc.property(record, (before) => {
      expect(takeBack(reopen(before))).toEqual(before);
    }),
  );
});

it("a record without a send has none to take back", () => {
  expect(takeBack({ unanswered: 0, repeated: 0 })).toEqual({ unanswered: 0, repeated: 0 });
});
