import { describe, expect, it } from "vitest";
import { decideCall } from "../../../src/domain/decide-call.ts";

const deadline = 1_000;
const decide = (call: Partial<Parameters<typeof decideCall>[0]>, now = 0) =>
  decideCall({ open: [0, 1], stored: [], isRepeatable: false, ...call }, now, deadline);

const sends = (count: number) => Array.from({ length: count }, (_, at) => `a${at}`);

describe("a call without an answer", () => {
  it("is sent when it never was", () => {
    expect(decide({})).toEqual({ kind: "send", wanted: [0, 1], isPaidAnew: false });
  });

  it("is sent again for what no earlier send has stored, and paid anew", () => {
    const wanted = { kind: "send", wanted: [1], isPaidAnew: true };
    expect(decide({ inDoubt: ["a0"], stored: [0] })).toEqual(wanted);
  });

  it("is not paid anew when it is one operation however often it is sent", () => {
    expect(decide({ inDoubt: ["a0"], isRepeatable: true })).toMatchObject({ isPaidAnew: false });
  });

  it("is over when all of it is stored, past its deadline too", () => {
    const stored = { kind: "stored", answered: "a1" };
    expect(decide({ inDoubt: ["a0", "a1"], stored: [0, 1] }, deadline)).toEqual(stored);
  });

  it("is lost after six sends in doubt, unless it is one operation", () => {
    expect(decide({ inDoubt: sends(6) })).toMatchObject({ kind: "givenUp", isLost: true, wanted: [0, 1] });
    expect(decide({ inDoubt: sends(6), isRepeatable: true })).toMatchObject({ kind: "send" });
  });

  it.each([
    [undefined, "before the service was asked"],
    [["a0"], "may bill it"],
  ])("is too late at its deadline and says whether the service was asked: %j", (inDoubt, words) => {
    const { failure, ...rest } = decide({ inDoubt }, deadline) as { failure: { message: string } };
    expect(rest).toEqual({ kind: "givenUp", isLost: false, wanted: [0, 1] });
    expect(failure.message).toContain(words);
  });
});
