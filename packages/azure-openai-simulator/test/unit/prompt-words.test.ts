import { describe, expect, it } from "vitest";
import { rulesInPrompt, withoutWords } from "../../src/faults/prompt-words.ts";

describe("words in a prompt", () => {
  it.each([
    ["[[503]]", { fault: { status: 503 } }],
    ["[[429=4 times=2]]", { times: 2, fault: { status: 429, retry_after: "4" } }],
    ["[[status=429 retry-after=date:4]]", { fault: { status: 429, retry_after: "date:4" } }],
    ["[[refuse]]", { fault: { refuse: "input" } }],
    ["[[refuse=output nth=4]]", { match: { nth: 4 }, fault: { refuse: "output" } }],
    ["[[refuse-slots=1,2]]", { fault: { refuse_slots: [1, 2] } }],
    ["[[cut]]", { fault: { cut: "50%" } }],
    ["[[stall=body]]", { fault: { stall: "50%" } }],
    ["[[empty]]", { fault: { images: 0 } }],
    ["[[404 on=image]]", { match: { route: "image" }, fault: { status: 404 } }],
    ['[[operation=failed message="No paint left"]]', { fault: { message: "No paint left" } }],
    ["[[504 billed]]", { fault: { status: 504, billed: true } }],
  ])("%s", (prompt, rule) => {
    expect(rulesInPrompt(`An otter ${prompt}, swimming`)).toMatchObject([rule]);
  });

  it("are one rule per pair of brackets", () => {
    expect(rulesInPrompt("[[503 times=1]] an otter [[404 on=image]]")).toHaveLength(2);
    expect(rulesInPrompt("an [otter] with [] brackets")).toEqual([]);
  });

  it.each(["[[refsue]]", "[[status=99]]", "[[cut=soon]]", "[[on=nowhere 503]]", "[[404 nth=0]]"])(
    "that make no sense are refused: %s",
    (prompt) => {
      expect(() => rulesInPrompt(prompt)).toThrow(prompt);
    },
  );

  it("do not reach the picture", () => {
    expect(withoutWords("An otter [[503]]  in a [[cut]] pond")).toBe("An otter in a pond");
  });
});
