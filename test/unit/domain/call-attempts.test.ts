import { describe, expect, it } from "vitest";
import { attemptsExhausted, beginAttempt, tallyCalls } from "../../../src/domain/call-attempts.ts";

const attempts = (count: number) => Array.from({ length: count }, (_, at) => `a${at}`);

describe("a call whose end stays unknown", () => {
  it.each([0, 1, 5])("may be sent again after %i sends", (count) => {
    expect(attemptsExhausted({ inDoubt: attempts(count) })).toBe(false);
  });

  it("is given up after six", () => {
    expect(attemptsExhausted({ inDoubt: attempts(6) })).toBe(true);
  });
});

describe("a call that is sent again", () => {
  it("counts as repeated when nobody saw how the last one ended", () => {
    const begun = beginAttempt({ inDoubt: ["a1"], duplicates: [] }, "a2");
    expect(begun).toEqual({ inDoubt: ["a1", "a2"], duplicates: ["a2"] });
  });

  it("doesn't count when the last one was answered without an image", () => {
    expect(beginAttempt({ inDoubt: [], duplicates: [] }, "a1")).toEqual({ inDoubt: ["a1"], duplicates: [] });
  });

  it("isn't sent when its outcome is known", () => {
    const record = { inDoubt: [], duplicates: [], outcome: { kind: "stored" } };
    expect(beginAttempt(record, "a1")).toBe(record);
  });
});

describe("what a job's calls may be billed for", () => {
  const call = { inDoubt: ["a1", "a2"], duplicates: ["a2"] };

  it("beyond its images is its duplicates, where a call was answered", () => {
    const answered = { ...call, inDoubt: ["a1"], outcome: { kind: "stored" } };
    expect(tallyCalls([answered])).toEqual({ repeatedCalls: 1 });
  });

  it.each([undefined, { kind: "lost" }, { kind: "rejected" }])(
    "is every attempt in doubt of a call that brought nothing: outcome %j",
    (outcome) => {
      expect(tallyCalls([{ ...call, ...(outcome && { outcome }) }])).toEqual({
        repeatedCalls: 1,
        unansweredCalls: 2,
      });
    },
  );
});
