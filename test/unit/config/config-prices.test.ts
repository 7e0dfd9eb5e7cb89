import { expect, it } from "vitest";
import { problemsWith, settingsWith } from "../../support/settings.ts";

const said = { currency: "USD", source: "https://example.org/prices", as_of: "2026-11-30" };

it("prices are read in millionths", () => {
  const PRICES = JSON.stringify([
    { model: "dall-e-3", quality: "hd", per_image: 0.08, ...said },
    { model: "dall-e-3", per_million_tokens: { input: 10, output: 40 }, ...said },
  ]);
  expect(settingsWith({ PRICES }).prices).toMatchObject([
    { perImage: 80_000, quality: "hd", asOf: "2026-11-30" },
    { perMillionTokens: { input: 10_000_000, output: 40_000_000 } },
  ]);
});

it.each([
  ["of a model that isn't deployed", { model: "other", per_image: 1, ...said }, "PRICES.0.model"],
  ["below nothing", { model: "dall-e-3", per_image: -1, ...said }, "PRICES.0.per_image"],
  ["without an amount", { model: "dall-e-3", ...said }, "needs per_image, per_million_tokens or both"],
  ["without a date", { model: "dall-e-3", per_image: 1, ...said, as_of: "lately" }, "PRICES.0.as_of"],
])("a price %s is named at start", (_, price, problem) => {
  expect(problemsWith({ PRICES: JSON.stringify([price]) }).join("\n")).toContain(problem);
});
