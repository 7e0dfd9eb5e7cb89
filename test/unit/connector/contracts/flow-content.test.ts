import { describe, expect, it } from "vitest";
import { readFlowContent } from "../../../../src/connector/contracts/flow-content.ts";
import { aPhoto } from "../../../support/edit-pictures.ts";

const photo = await aPhoto();
const base64 = photo.toString("base64");
const wrapped = (text: string) => Buffer.from(text).toString("base64");
const lines = base64.replace(/.{76}/g, "$&\r\n");

describe("a file as flows carry it", () => {
  it.each([
    ["an object of a file action", { "$content-type": "image/png", $content: base64 }],
    ["text that a designer has cast", wrapped(base64)],
    ["text that a designer and an author have cast", wrapped(wrapped(base64))],
    ["an object that a designer has cast", wrapped(JSON.stringify({ $content: base64 }))],
  ])("is its base64: %s", (_how, value) => {
    expect(readFlowContent(value)).toBe(base64);
  });

  it.each([
    ["base64", base64],
    ["a data URL", `data:image/jpeg;base64,${base64}`],
    ["lines of a mail", lines],
    ["the alphabet of addresses", photo.toString("base64url")],
    ["what is no file", "not a file at all"],
    ["nothing", {}],
    ["text that only begins like an object", wrapped('{"$content": ')],
  ])("is left to its decoder: %s", (_how, value) => {
    const read = readFlowContent(value);
    expect(read).toEqual(typeof value === "string" && value.startsWith("eyIk") ? '{"$content": ' : value);
  });

  it("is a data URL within a cast, and lines within a cast", () => {
    expect(readFlowContent(wrapped(`data:image/jpeg;base64,${base64}`))).toBe(
      `data:image/jpeg;base64,${base64}`,
    );
    expect(readFlowContent(wrapped(lines))).toBe(lines);
  });

  it("is not followed for ever", () => {
    const deep = [...Array<string>(9)].reduce((text) => wrapped(text), base64);
    expect(readFlowContent(deep)).not.toBe(base64);
  });
});
