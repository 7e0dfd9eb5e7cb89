import { expect, it } from "vitest";
import { choiceLabel, purposeOf, sizeLabel } from "../../../gallery/model/labels.ts";
import { wordDiff } from "../../../gallery/model/word-diff.ts";

it.each([
  ["1024x1024", "Square"],
  ["1536x1024", "Landscape 3:2"],
  ["1024x1792", "Portrait 4:7"],
  ["auto", "Auto"],
  ["WIDTHxHEIGHT", "WIDTHxHEIGHT"],
])("the size %s is called %s", (size, label) => expect(sizeLabel(size)).toBe(label));

it("sizes of one shape are told apart by their width", () => {
  const sizes = ["256x256", "512x512"];
  expect(sizes.map((size) => sizeLabel(size, sizes))).toEqual(["Square 256", "Square 512"]);
});

it("choices have plain words, and models a line on what they are for", () => {
  expect([choiceLabel("quality", "hd"), choiceLabel("style", "vivid")]).toEqual(["HD", "Vivid"]);
  expect(purposeOf("gpt-image-1-mini")).toContain("drafts");
  expect(purposeOf("gpt-image-1.5")).toContain("edits");
  expect(purposeOf("one-of-your-own")).toBeUndefined();
});

it("what a model added to a prompt is marked", () => {
  expect(wordDiff("A cat, asleep", "A ginger cat asleep on a sofa")).toEqual([
    { text: "A ", isNew: false },
    { text: "ginger ", isNew: true },
    { text: "cat asleep ", isNew: false },
    { text: "on a sofa", isNew: true },
  ]);
});
