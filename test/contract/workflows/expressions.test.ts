import { describe, expect, it } from "vitest";
import { piecesOf } from "../../../scripts/connector/flows/expression.ts";
import { milliseconds, waitedBy } from "../../../scripts/connector/flows/check/duration.ts";

describe("a text of a workflow", () => {
  const literal = (value: string | number | boolean | null) => ({ kind: "literal", value });
  it.each<[string, string, unknown[]]>([
    ["is plain without an at sign", "a lighthouse", ["a lighthouse"]],
    ["keeps an at sign that is written twice", "@@home", ["@home"]],
    ["keeps one before a brace, too", "a@@{b}", ["a@", "{b}"]],
    ["may be an expression as a whole", "@'it''s'", [literal("it's")]],
    ["may hold several", "@{1}/@{true}", [literal(1), "/", literal(true)]],
    [
      "reads a field by a dot as by a bracket",
      "@'a'?.b",
      [{ kind: "member", of: literal("a"), key: literal("b") }],
    ],
    ["may hold a brace within quotes", "@{'}'}", [literal("}")]],
  ])("%s", (_, text, pieces) => {
    expect(piecesOf(text)).toEqual(pieces);
  });

  it.each([
    "@body('a'",
    "@{body('a')",
    "@body('a'))",
    "@name",
    "@concat('a' 'b')",
    "@'a",
    "@x?[1",
    "@body('a')?",
    "@{body('a')?}",
  ])("can't be read: %s", (text) => {
    expect(() => piecesOf(text)).toThrow();
  });
});

it.each<[string, number | undefined]>([
  ["PT20S", 20_000],
  ["PT1H30M", 5_400_000],
  ["P1DT1S", 86_401_000],
  ["P2W", 1_209_600_000],
  ["P", undefined],
  ["PT", undefined],
  ["20S", undefined],
  ["P1M", undefined],
])("%s is %s milliseconds", (text, time) => {
  expect(milliseconds(text)).toBe(time);
});

it("what a retry policy waits is half of its bounds, which it doubles up to the greatest", () => {
  expect(waitedBy({ type: "exponential", count: 3, interval: "PT20S", maximumInterval: "PT30S" })).toBe(
    40_000,
  );
  expect(waitedBy({ type: "fixed", count: 3, interval: "PT20S" })).toBe(60_000);
  expect(waitedBy({ type: "none" })).toBe(0);
  expect(waitedBy({ type: "linear", count: 3, interval: "PT20S" })).toBeUndefined();
});
