import { expect, it } from "vitest";
import { useDarkroom, useSharedDarkroom } from "../support/darkroom.ts";

const simulated = useSharedDarkroom();

it("ten images of DALL-E 3 are asked for all at once", async () => {
  await simulated.run({ model: "dall-e-3", n: 10, prompt: "all at once [[latency=1500]]" });
  expect((await simulated.ledger("all at once")).in_flight_max).toBe(10);
});

const limited = useDarkroom({
  // The simulator's own deployments, one of them with a limit; its address and key are known only once it runs.
  deployments: (place) => [{ ...place("dalle3", "dall-e-3"), max_parallel: 2 }],
});

it("where a deployment allows two, they go in five waves of two", async () => {
  const job = await limited.run({ model: "dall-e-3", n: 10, prompt: "two by two [[latency=400]]" });
  expect(job.images).toHaveLength(10);
  const { in_flight_max } = await limited.ledger("two by two");
  expect(in_flight_max).toBe(2);
  const calls = await limited.calls("two by two");
  // A call of one wave starts only after a call of the wave before has ended.
  const startsBeforeFirstEnd = (from: number) => {
    const ends = calls.slice(from, from + 2).map(({ finished_at }) => finished_at ?? 0);
    return calls.slice(from + 2).filter(({ started_at }) => started_at < Math.min(...ends)).length;
  };
  expect([0, 2, 4, 6].map(startsBeforeFirstEnd)).toEqual([0, 0, 0, 0]);
});
