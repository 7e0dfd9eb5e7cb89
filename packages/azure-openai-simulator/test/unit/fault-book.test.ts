import { describe, expect, it } from "vitest";
import { ruleSchema } from "../../src/faults/fault.ts";
import { FaultBook, matches, strikes, type CallText } from "../../src/faults/fault-book.ts";

const call: CallText = { route: "generate", model: "dall-e-3", deployment: "dalle3", prompt: "An otter" };
const rule = (more: object) => ruleSchema.parse({ fault: { status: 500 }, ...more });

describe("a rule", () => {
  it.each([
    [{}, true],
    [{ model: "dall-e-3" }, true],
    [{ model: "dall-e-2" }, false],
    [{ deployment: "dalle3", prompt_includes: "otter" }, true],
    [{ deployment: "other" }, false],
    [{ prompt_includes: "volcano" }, false],
    [{ route: "generate" }, true],
    [{ route: "poll" }, false],
  ])("matching %j speaks of the call: %s", (match, expected) => {
    expect(matches(rule({ match }), call)).toBe(expected);
  });

  it("without a route speaks of calls that ask for pictures only", () => {
    const spoken = (["generate", "submit", "poll", "delete", "image"] as const).filter((route) =>
      matches(rule({}), { ...call, route }),
    );
    expect(spoken).toEqual(["generate", "submit"]);
  });

  it.each([
    [{}, [1, 2, 3, 4]],
    [{ times: 2 }, [1, 2]],
    [{ match: { nth: 3 } }, [3]],
    [{ match: { nth: 2 }, times: 2 }, [2, 3]],
  ])("%j strikes calls %j of four", (more, expected) => {
    expect([1, 2, 3, 4].filter((number) => strikes(rule(more), number))).toEqual(expected);
  });
});

describe("the fault book", () => {
  it("counts words in a prompt for each prompt apart", () => {
    const book = new FaultBook();
    const take = (prompt: string) => book.take({ ...call, prompt });
    expect([take("a [[503 times=1]]"), take("b [[503 times=1]]"), take("a [[503 times=1]]")]).toEqual([
      { status: 503 },
      { status: 503 },
      {},
    ]);
  });

  it("joins faults, the later rule winning", () => {
    const book = new FaultBook();
    book.replace([rule({ fault: { status: 500, latency: 10 } }), rule({ fault: { status: 502 } })]);
    expect(book.take(call)).toEqual({ status: 502, latency: 10 });
  });
});
