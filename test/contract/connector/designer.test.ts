import { describe, expect, it } from "vitest";
import { cardsOf, tokensOf } from "../../../scripts/connector/designer.ts";
import { committed } from "../../support/connector-package.ts";

const cards = cardsOf(committed("apiDefinition.swagger.json"));

/** Titles as the designer's parser computes them; the whole list is `connector/designer.md`, which a test holds too. */
describe("what an author sees", () => {
  it("has no token whose title says a word twice in a row, or is another one's", () => {
    for (const { operationId, tokens } of cards) {
      expect(
        tokens.filter((title) => /\b(\w+) \1\b/.test(title)).map((title) => [operationId, title]),
      ).toEqual([]);
      expect([operationId, tokens.length]).toEqual([operationId, new Set(tokens).size]);
    }
  });

  it("has no field twice", () => {
    for (const { operationId, shown, advanced } of cards) {
      const all = [...shown, ...advanced];
      expect([operationId, all.length]).toEqual([operationId, new Set(all).size]);
    }
  });

  it("has the first image's link and file as plain tokens of every action that makes one", () => {
    for (const { operationId, tokens } of cards.filter(({ operationId: id }) => /^(Generate|Edit)/.test(id)))
      expect([operationId, tokens]).toEqual([
        operationId,
        expect.arrayContaining([
          "Image URL",
          "Image ID",
          "File Name",
          "File Content",
          "Status",
          "Error Code",
        ]),
      ]);
  });
});

it("titles are computed as the designer does: with those of the objects and entries around", () => {
  const text = { type: "string" };
  const schema = {
    type: "object",
    "x-ms-summary": "Result",
    properties: {
      id: { ...text, "x-ms-summary": "ID" },
      bare: text,
      named: {
        type: "array",
        "x-ms-summary": "Images",
        items: {
          type: "object",
          "x-ms-summary": "Image",
          properties: { url: { ...text, "x-ms-summary": "URL" } },
        },
      },
      plain: {
        type: "array",
        "x-ms-summary": "Files",
        items: { type: "object", properties: { url: { ...text, "x-ms-summary": "URL" } } },
      },
    },
  };
  expect(tokensOf({}, schema)).toEqual([
    "Result ID",
    "Result bare",
    "Result Image URL",
    "Result Images",
    "Result Files URL",
    "Result Files",
  ]);
});
