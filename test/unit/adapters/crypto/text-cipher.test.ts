import { describe, expect, it } from "vitest";
import { textCipher } from "../../../../src/adapters/crypto/text-cipher.ts";

const key = "0123456789abcdef0123456789abcdef";
const cipher = textCipher(key, "test");
const encrypt = (text: string, context: string) => cipher.encrypt(text, context);
const decrypt = (text: string, context: string) => cipher.decrypt(text, context);

describe("a text that is encrypted", () => {
  it.each(["", "a cat", "zwei Schirme – ☂️", "x".repeat(4_000)])("comes back as it was: %.20j", (text) => {
    expect(decrypt(encrypt(text, "a"), "a")).toBe(text);
  });

  it("is never the same twice, and shows nothing of itself", () => {
    const [one, two] = [encrypt("a cat", "a"), encrypt("a cat", "a")];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, "base64").toString("latin1")).not.toContain("cat");
  });

  it("opens nowhere else, under no other key or purpose, and not when it was changed or cut", () => {
    const sealed = encrypt("a cat", "a");
    const flipped = Buffer.from(sealed, "base64");
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1);
    expect([
      decrypt(sealed, "b"),
      textCipher(key, "other").decrypt(sealed, "a"),
      textCipher(`${key}x`, "test").decrypt(sealed, "a"),
      decrypt(flipped.toString("base64"), "a"),
      decrypt(sealed.slice(0, 20), "a"),
      decrypt("", "a"),
      decrypt("no base64 at all", "a"),
    ]).toEqual(Array(7).fill(undefined));
  });
});
