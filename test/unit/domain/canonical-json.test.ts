import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "../../../src/domain/canonical-json.ts";

it("names come in one order at every depth; lists keep theirs", () => {
  const one = { b: [{ d: 1, c: "x" }, 2], a: { f: true, e: null } };
  const other = { a: { e: null, f: true }, b: [{ c: "x", d: 1 }, 2] };
  expect(canonicalJson(one)).toBe(`{"a":{"e":null,"f":true},"b":[{"c":"x","d":1},2]}`);
  expect(canonicalJson(other)).toBe(canonicalJson(one));
  expect(canonicalJson({ b: [2, 1] })).not.toBe(canonicalJson({ b: [1, 2] }));
});

it("an absent fact is as good as none, and a name of the language is a name like others", () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe(`{"b":1}`);
  expect(canonicalJson(JSON.parse(`{"__proto__":"x"}`))).toBe(`{"__proto__":"x"}`);
});

it("different values have different texts", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(text));
    }),
  );
});
