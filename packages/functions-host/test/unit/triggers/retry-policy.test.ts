import { expect, test } from "vitest";
import type { TriggerCall } from "../../../src/invoker.ts";
import { callWithPolicy, policyDelay } from "../../../src/triggers/retry-policy.ts";

const call: TriggerCall = { data: {}, reason: "test" };

async function run(failures: number, maxRetryCount: number) {
  const calls: TriggerCall[] = [];
  const waits: number[] = [];
  const policy = { retryStrategy: "fixedDelay" as const, maxRetryCount, delayInterval: { seconds: 5 } };
  const result = await callWithPolicy(
    policy,
    call,
    (each) => {
      calls.push(each);
      return calls.length <= failures
        ? Promise.reject(new Error(`failure ${calls.length}`))
        : Promise.resolve();
    },
    (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  ).then(
    () => "succeeded",
    () => "failed",
  );
  return { result, calls, waits };
}

test("each retry is a call of its own and says which it is", async () => {
  const { result, calls, waits } = await run(2, 3);
  expect(result).toBe("succeeded");
  expect(waits).toEqual([5000, 5000]);
  expect(calls.map(({ retryContext }) => retryContext?.retryCount)).toEqual([undefined, 1, 2]);
  expect(calls[2]?.retryContext).toMatchObject({ maxRetryCount: 3, exception: { message: "failure 2" } });
  expect(new Set(calls.map(({ invocationId }) => invocationId)).size).toBe(3);
});

test("the policy gives up after its retries; -1 does not", async () => {
  expect(await run(9, 2)).toMatchObject({ result: "failed", calls: { length: 3 } });
  expect(await run(9, -1)).toMatchObject({ result: "succeeded", calls: { length: 10 } });
});

test("exponential waits double from the minimum to the maximum", () => {
  const policy = {
    retryStrategy: "exponentialBackoff" as const,
    minimumInterval: { seconds: 2 },
    maximumInterval: { seconds: 9 },
  };
  expect([1, 2, 3, 4].map((retry) => policyDelay(policy, retry))).toEqual([2000, 4000, 8000, 9000]);
});
