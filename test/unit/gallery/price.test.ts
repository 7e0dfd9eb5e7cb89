import { expect, it } from "vitest";
import type { Model } from "../../../gallery/api/types.ts";
import { priceOf } from "../../../gallery/model/price.ts";

const currency = "USD";
const model: Pick<Model, "defaults" | "prices"> = {
  defaults: { size: "1024x1024", quality: "standard" },
  prices: [
    { currency, per_image: 0.04 },
    { size: "1024x1024", quality: "hd", currency, per_image: 0.08 },
    { size: "1024x1024", currency, per_image: 0.05 },
  ],
};

it("a price before it is asked for is the entry's that says most of the image, times their number", () => {
  expect(priceOf(model, { n: 4 })).toBe("about $0.20");
  expect(priceOf(model, { n: 2, quality: "hd" })).toBe("about $0.16");
  expect(priceOf(model, { size: "1792x1024" })).toBe("about $0.04");
});

it("where nobody said what an image costs, nothing is said", () => {
  expect(priceOf({ ...model, prices: undefined }, { n: 4 })).toBe("");
  expect(priceOf({ ...model, prices: [{ currency }] }, { n: 4 })).toBe("");
});
