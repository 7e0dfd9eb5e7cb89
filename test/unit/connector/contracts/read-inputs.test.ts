import { describe, expect, it } from "vitest";
import { readInputs } from "../../../../src/connector/contracts/read-inputs.ts";
import {
  editImageBody,
  generateImageBody,
  listImageJobsQuery,
} from "../../../../src/connector/contracts/requests.ts";
import { imageHookBody } from "../../../../src/connector/contracts/hooks.ts";

const base64 = "iVBORw0KGgo=";

describe("what a workflow sends", () => {
  it.each([
    ["an empty text", ""],
    ["a blank text", " \n"],
    ["null", null],
  ])("counts as absent at every depth: %s", (_how, blank) => {
    const body = {
      prompt: "a fox",
      n: blank,
      size: blank,
      tags: blank,
      outputCompression: blank,
      promptMode: blank,
      includeContent: blank,
      modelParameters: { size: blank, outputCompression: blank },
    };
    expect(readInputs(body, generateImageBody)).toEqual({ prompt: "a fox", modelParameters: {} });
    expect(readInputs({ images: [{ url: blank, contentBytes: base64 }] }, editImageBody)).toEqual({
      images: [{ contentBytes: base64 }],
    });
    expect(readInputs({ outcome: blank, tag: blank }, imageHookBody)).toEqual({});
    expect(readInputs({ tags: [blank, "a"] }, generateImageBody)).toEqual({ tags: ["a"] });
  });

  it.each([
    [
      { n: "2", outputCompression: " 80 " },
      { n: 2, outputCompression: 80 },
    ],
    [{ includeContent: "True" }, { includeContent: true }],
    [{ includeContent: "false" }, { includeContent: false }],
    [{ promptMode: "AS_IS" }, { promptMode: "as_is" }],
    [{ tags: "a" }, { tags: ["a"] }],
    [{ tags: "a, b;c" }, { tags: ["a", "b", "c"] }],
    [{ tags: '["a","b"]' }, { tags: ["a", "b"] }],
    [{ tags: [2026] }, { tags: ["2026"] }],
    [{ user: 7 }, { user: "7" }],
    [{ metadata: '{"order":7,"none":""}' }, { metadata: { order: "7" } }],
    [{ modelParameters: '{"outputCompression":"80"}' }, { modelParameters: { outputCompression: 80 } }],
  ])("is read from text as what its field is: %j", (given, read) => {
    expect(readInputs(given, generateImageBody)).toEqual(read);
  });

  it.each([
    ["one for a list", { contentBytes: base64 }],
    ["a file's object for an entry", [{ "$content-type": "image/png", $content: base64 }]],
    ["base64 for an entry", [base64]],
    ["base64 for the list", base64],
    ["text of a list", JSON.stringify([{ contentBytes: base64 }])],
    ["fields in capitals", [{ ContentBytes: base64 }]],
  ])("is a file wherever it stands: %s", (_how, images) => {
    expect(readInputs({ images }, editImageBody)).toEqual({ images: [{ contentBytes: base64 }] });
  });

  it("is a file by itself in the flat field, as a file action hands it on", () => {
    const fileContent = { "$content-type": "image/png", $content: base64 };
    expect(readInputs({ fileContent }, editImageBody)).toEqual({ fileContent: base64 });
  });

  it("is an address where a file's entry is one", () => {
    expect(readInputs({ images: "https://example.com/a.png" }, editImageBody)).toEqual({
      images: [{ url: "https://example.com/a.png" }],
    });
  });

  it("is read in queries alike", () => {
    expect(readInputs({ status: "Succeeded", limit: "5", tag: " " }, listImageJobsQuery)).toEqual({
      status: "succeeded",
      limit: 5,
    });
  });

  it.each([[{ n: "two" }], [{ includeContent: "maybe" }], [{ x: "" }], [{ n: [2] }], [{ prompt: {} }]])(
    "that can't be read stays as it is, to be refused by name: %j",
    (given) => {
      expect(readInputs(given, generateImageBody)).toEqual(given);
    },
  );

  it("that is no object stays as it is", () => {
    for (const value of ["text", 7, null, [1]]) expect(readInputs(value, generateImageBody)).toBe(value);
  });
});
