import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BudgetState, emptyBudget, reserve, settleBudget } from "../../../../src/domain/quota/budget.ts";
import { actualCost, estimatedCost, findPrice, type Price } from "../../../../src/domain/quota/prices.ts";

const said = { currency: "USD", source: "https://example.org/prices", asOf: "2026-11-30" };
const prices: Price[] = [
  { model: "dall-e-3", perImage: 40_000, ...said },
  { model: "dall-e-3", size: "1792x1024", quality: "hd", perImage: 120_000, ...said },
  { model: "gpt-image-1", perMillionTokens: { input: 10_000_000, output: 40_000_000 }, ...said },
];

describe("a price", () => {
  it("is the entry that says most of the work", () => {
    const hd = { model: "dall-e-3", size: "1792x1024", quality: "hd" };
    expect(findPrice(prices, hd)?.perImage).toBe(120_000);
    expect(findPrice(prices, { ...hd, quality: "standard" })?.perImage).toBe(40_000);
    expect(findPrice(prices, { ...hd, model: "dall-e-2" })).toBeUndefined();
  });

  it("by tokens is known after the reply, in whole millionths, never too low", () => {
    const price = prices[2] ?? expect.fail();
    expect(estimatedCost(price, 2)).toBeUndefined();
    expect(actualCost(price, 1, { input: 50, output: 4_160 })).toBe(166_900);
    expect(actualCost({ ...price, perImage: 7 }, 3, undefined)).toBe(21);
  });
});

const now = 1_800_000_000_000;
const request = { amount: 40_000, limit: 400_000, period: "2026-11", holdMs: 600_000 };
const reserveAll = (attempts: string[], before: BudgetState = emptyBudget("2026-11")) => {
  let state = before;
  const decisions = attempts.map((attempt) => {
    const result = reserve(state, { ...request, attempt }, now);
    ({ state } = result);
    return result.decision.kind;
  });
  return { state, decisions };
};
const hundred = Array.from({ length: 100 }, (_, index) => `attempt-${index}`);

describe("a budget", () => {
  it("for ten gives ten of a hundred", () => {
    const { decisions } = reserveAll(hundred);
    expect(decisions.filter((kind) => kind === "reserved")).toHaveLength(10);
  });

  it("counts what one attempt reserves once, however often it asks", () => {
    const { state } = reserveAll(["a", "a", "a"]);
    expect(Object.keys(state.reserved)).toEqual(["a"]);
  });

  it("gets back what a refused call had reserved, and pays what one did cost", () => {
    const { state } = reserveAll(["a", "b"]);
    const settled = settleBudget(
      settleBudget(state, { attempt: "a", actual: 0 }, now),
      { attempt: "b", actual: 39_000 },
      now,
    );
    expect(settled).toEqual({ period: "2026-11", spent: 39_000, reserved: {} });
    expect(settleBudget(settled, { attempt: "b", actual: 39_000 }, now)).toEqual(settled);
  });

  it("counts a call in doubt as spent", () => {
    const { state } = reserveAll(["a"]);
    const { state: later, decision } = reserve(state, { ...request, attempt: "b" }, now + 600_001);
    expect(later.spent).toBe(40_000);
    expect(decision).toEqual({ kind: "reserved", left: 320_000 });
  });

  it("is whole again in the next period, but for what is still under way", () => {
    const { state } = reserveAll(hundred);
    const { decision } = reserve(
      { ...state, reserved: {} },
      { ...request, attempt: "x", period: "2026-12" },
      now,
    );
    expect(decision).toEqual({ kind: "reserved", left: 360_000 });
  });

  it("is never exceeded, whatever happens in which order", () => {
    const event = fc.record({
      attempt: fc.nat(30).map(String),
      settles: fc.boolean(),
      afterMs: fc.nat(400_000),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        let state = emptyBudget("2026-11");
        let clock = now;
        for (const { attempt, settles, afterMs } of events) {
          clock += afterMs;
          state = settles
            ? settleBudget(state, { attempt, actual: 40_000 }, clock)
            : reserve(state, { ...request, attempt }, clock).state;
          const held = Object.values(state.reserved).reduce((sum, { amount }) => sum + amount, 0);
          expect(state.spent + held).toBeLessThanOrEqual(request.limit);
        }
      }),
    );
  });
});
