import { expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

const darkroom = useDarkroom({
  settings: { CALLER_LIMITS: JSON.stringify({ "*": { open_jobs: 3 } }) },
});

it("of twenty requests at once three make a job, and more when those have ended", async () => {
  const ask = () => darkroom.post({ model: "dall-e-3", prompt: "limit one" });
  const answers = await Promise.all(Array.from({ length: 20 }, ask));
  const accepted = answers.filter(({ status }) => status === 202);
  const refused = answers.filter(({ status }) => status === 429);
  // A job that had ended meanwhile would have made room for another.
  expect(accepted.length).toBeGreaterThanOrEqual(3);
  expect(accepted.length + refused.length).toBe(20);
  expect(refused[0]?.headers.get("ratelimit")).toBe('"open-jobs";r=0');
  expect(refused[0]?.headers.get("ratelimit-policy")).toBe('"open-jobs";q=3');
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  await expect.poll(async () => (await ask()).status, { timeout: 60_000, interval: 500 }).toBe(202);
});
