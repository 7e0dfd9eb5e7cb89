import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameOfList, readCursor, type Seal, writeCursor } from "../../../src/domain/list-cursor.ts";

/** No secret, but tells texts apart. */
const seal: Seal = {
  sign: (text) =>
    String(Array.from(text).reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 1_000_003, 7)),
  verify: (text, signature) => seal.sign(text) === signature,
};
const anything: Seal = { sign: () => "x", verify: () => true };

describe("a cursor", () => {
  it("gives back the place it was made of, and needs no escaping in an address", () => {
    const ascii = fc.string({ unit: "grapheme-ascii" });
    fc.assert(
      fc.property(ascii, (place) => {
        const cursor = writeCursor("list", place, seal);
        expect(cursor).toMatch(/^[\w.-]+$/);
        expect(readCursor("list", cursor, seal)).toBe(place);
      }),
    );
  });

  it("is none of another list's", () => {
    expect(readCursor("other", writeCursor("list", "here", seal), seal)).toBeUndefined();
  });

  it("of another version is none, however genuine", () => {
    const payload = btoa(JSON.stringify([2, "here"]));
    expect(readCursor("list", `${payload}.x`, anything)).toBeUndefined();
  });

  it("is nothing that anyone might write", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readCursor("list", text, seal)).toBeUndefined();
      }),
    );
  });
});

it("lists have one name if they are one, and others if they are not", () => {
  const filters = fc.record({ model: fc.string(), tag: fc.string() }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.string(), filters, fc.string(), filters, (caller, one, another, other) => {
      const isSame = caller === another && one.model === other.model && one.tag === other.tag;
      expect(nameOfList(caller, one) === nameOfList(another, other)).toBe(isSame);
    }),
  );
});
