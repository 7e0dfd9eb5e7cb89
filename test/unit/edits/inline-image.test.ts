import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeInline } from "../../../src/edits/inline-image.ts";
import { bytesOf } from "../../support/multipart.ts";

const decode = (text: string) => bytesOf(decodeInline(text, "images.0.b64_json"));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

const lines = (end: string, width: number) => (text: string) =>
  text.replace(new RegExp(`.{${width}}`, "g"), (line) => `${line}${end}`);
/** As encoders of platforms write it. */
const ways: Record<string, (text: string) => string> = {
  plain: (text) => text,
  "broken into lines": (text) => `${lines("\n", 76)(text)}\n`,
  "in MIME's lines": lines("\r\n", 76),
  "with a blank after each character": lines(" ", 1),
  "with tabs and form feeds": (text) => `\t${text}\f\r\n`,
  "without padding": (text) => text.replace(/=+$/, ""),
  "with part of its padding": (text) => text.replace(/==$/, "="),
  "in the alphabet of addresses": (text) => text.replaceAll("+", "-").replaceAll("/", "_"),
  "as a data URL": (text) => `data:image/png;base64,${text}`,
  "as a data URL with parameters": (text) => `data:image/png;charset=utf-8;name="a.png";base64,${text}`,
  "as a data URL without type, in capitals,": (text) => `DATA:;BASE64,${text}`,
  "as a data URL behind blanks": (text) => ` \n data:image/jpeg;base64, ${lines("\n", 64)(text)}`,
  "as an escaped data URL": (text) => `data:image/png;base64,${encodeURIComponent(text)}`,
};

describe("an image inside JSON", () => {
  it.each(Object.entries(ways))("%s has the same bytes", async (_name, write) => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(bytes, async (some) => {
        expect(await decode(write(base64(some)))).toEqual(Buffer.from(some));
      }),
      { numRuns: 60 },
    );
  });

  it("comes in pieces, whatever stands where they meet", async () => {
    const some = Buffer.from(Array.from({ length: 200_001 }, (_, at) => (at * 7) % 251));
    for (const write of Object.values(ways))
      expect((await decode(write(base64(some)))).equals(some)).toBe(true);
  });

  it.each([
    "ab!d",
    "a",
    "abcda",
    "ab=d",
    "abc=d",
    "ab===",
    "abcd=",
    "abcd==",
    "=",
    "ab\u00a0cd",
    "ab%3d",
    "data:image/png,abcd",
    "data:image/png;base64",
    "data:base64,abcd",
    `abc=${" ".repeat(70_000)}d`,
    `ab=${" ".repeat(70_000)}==`,
  ])("is refused by its name when it is %.20j", async (text) => {
    await expect(decode(text)).rejects.toMatchObject({
      code: "invalidRequest",
      detail: expect.stringMatching(/^images\.0\.b64_json is (not valid base64|a data URL)/) as string,
    });
  });
});
