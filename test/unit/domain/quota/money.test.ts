import { describe, expect, it } from "vitest";
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
