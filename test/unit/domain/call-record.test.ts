import { describe, expect, it } from "vitest";
import { isSpent, reopen } from "../../../src/domain/call-record.ts";

describe("a call whose end stays unknown", () => {
  it.each([0, 1, 5])("may be sent again after %i sends", (unanswered) => {
    expect(isSpent({ unanswered })).toBe(false);
  });

  it("is spent after six", () => {
    expect(isSpent({ unanswered: 6 })).toBe(true);
  });
});

describe("a call that is sent again", () => {
  it("counts as repeated when nobody saw how the last one ended", () => {
    expect(reopen({ unanswered: 1, repeated: 0 })).toEqual({ unanswered: 2, repeated: 1 });
  });

  it("doesn't count when the last one was answered without an image", () => {
    expect(reopen({ unanswered: 0, repeated: 0 })).toEqual({ unanswered: 1, repeated: 0 });
  });

  it("isn't sent when its outcome is known", () => {
    const record = { unanswered: 0, repeated: 0, outcome: { kind: "stored" } };
    expect(reopen(record)).toBe(record);
  });
});
