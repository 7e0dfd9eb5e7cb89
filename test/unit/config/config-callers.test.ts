import { expect, it } from "vitest";
import { problemsWith, settingsWith } from "../../support/settings.ts";

it("limits of callers are read by caller id, and those of all others", () => {
  const CALLER_LIMITS = JSON.stringify({ phone: { open_jobs: 5 }, "*": { jobs_per_minute: 60 } });
  expect([...settingsWith({ CALLER_LIMITS }).callerLimits]).toEqual([
    ["phone", { openJobs: 5 }],
    ["*", { jobsPerMinute: 60 }],
  ]);
});

it.each([
  ["of nothing", { phone: { open_jobs: 0 } }, "CALLER_LIMITS.phone.open_jobs"],
  ["below nothing", { phone: { jobs_per_minute: -1 } }, "CALLER_LIMITS.phone.jobs_per_minute"],
  ["of parts", { phone: { open_jobs: 1.5 } }, "CALLER_LIMITS.phone.open_jobs"],
  ["by another name", { phone: { jobs: 1 } }, "CALLER_LIMITS.phone"],
])("a limit %s is named at start", (_, limits, problem) => {
  expect(problemsWith({ CALLER_LIMITS: JSON.stringify(limits) }).join("\n")).toContain(problem);
});

const price = {
  model: "dall-e-3",
  per_image: 0.04,
  currency: "USD",
  source: "https://example.org/prices",
  as_of: "2026-11-30",
};

it.each([
  ["without a price", [], "USD", "CALLER_LIMITS.phone.budget needs an entry of PRICES for dall-e-3"],
  ["with a price of one size", [{ ...price, size: "1024x1024" }], "USD", "in any size and quality"],
  ["in another currency", [price], "EUR", "is not in the currency of PRICES"],
  [
    "whose price is by tokens alone",
    [{ ...price, per_image: undefined, per_million_tokens: { input: 1, output: 1 } }],
    "USD",
    "needs per_image",
  ],
])("a budget %s is named at start", (_, prices, currency, problem) => {
  const CALLER_LIMITS = JSON.stringify({ phone: { budget: { amount: 1, currency, period: "day" } } });
  const problems = problemsWith({ CALLER_LIMITS, PRICES: JSON.stringify(prices) });
  expect(problems.join("\n")).toContain(problem);
});

it("a budget whose models have prices is read in millionths", () => {
  const CALLER_LIMITS = JSON.stringify({
    phone: { budget: { amount: 1.5, currency: "USD", period: "day" } },
  });
  const { callerLimits } = settingsWith({ CALLER_LIMITS, PRICES: JSON.stringify([price]) });
  expect(callerLimits.get("phone")?.budget?.amount).toBe(1_500_000);
});
