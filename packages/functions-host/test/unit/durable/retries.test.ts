import { RetryOptions } from "durable-functions";
import { expect, test } from "vitest";
import { retryDelay } from "../../../src/durable/walk.ts";
import { failing, messageOf, runToEnd } from "./orchestration.ts";

test("a retried activity succeeds after its failures, with the wait in between", async () => {
  const flaky = failing(2);
  const { status, elapsed, events } = await runToEnd(
    function* (context) {
      return (yield context.df.callActivityWithRetry(
        "flaky",
        new RetryOptions(5000, 3),
        "painted",
      )) as unknown;
    },
    { activities: { flaky: flaky.activity } },
  );
  expect(status.output).toBe("painted");
  expect(flaky.calls).toBe(3);
  expect(elapsed).toBe(10_000);
  expect(events().filter((name) => name === "TimerFired")).toHaveLength(2);
});

test("after the last failure one more timer is due at once, and the next call still gets the right number", async () => {
  const { status, elapsed, engine } = await runToEnd(
    function* (context) {
      let caught = "";
      try {
        yield context.df.callActivityWithRetry("broken", new RetryOptions(1000, 2));
      } catch (error) {
        caught = messageOf(error);
      }
      const next = (yield context.df.callActivity("works", "next")) as unknown;
      return { caught, next };
    },
    { activities: { broken: failing(99).activity, works: (value) => value } },
  );
  expect(status.output).toMatchObject({
    next: "next",
    caught: expect.stringContaining("failure 2") as string,
  });
  // task 0, timer 1, task 2, the extra timer 3, and then the next call.
  const scheduled = engine
    .history("one")
    .flatMap((event) => (event.EventType === 4 ? [[event.EventId, event.Name]] : []));
  expect(scheduled).toEqual([
    [0, "broken"],
    [2, "broken"],
    [4, "works"],
  ]);
  expect(elapsed).toBe(1000);
});

test("retries that run in parallel keep their numbers apart", async () => {
  const counters = [failing(0), failing(1), failing(2), failing(3)];
  const { status } = await runToEnd(
    function* (context) {
      const calls = counters.map((_, index) =>
        context.df.callActivityWithRetry(`flaky${index}`, new RetryOptions(1000 + 137 * index, 5), { index }),
      );
      const all = (yield context.df.Task.all(calls)) as unknown;
      const after = (yield context.df.callActivity("after", "after")) as unknown;
      return { all, after };
    },
    {
      activities: {
        ...Object.fromEntries(counters.map(({ activity }, index) => [`flaky${index}`, activity])),
        after: (value) => value,
      },
    },
  );
  expect(status.output).toEqual({
    all: [{ index: 0 }, { index: 1 }, { index: 2 }, { index: 3 }],
    after: "after",
  });
  expect(counters.map(({ calls }) => calls)).toEqual([1, 2, 3, 4]);
});

test("a retry with the same delay as its neighbour fires with it, and both go on", async () => {
  const counters = [failing(2), failing(2)];
  const { status, elapsed } = await runToEnd(
    function* (context) {
      return (yield context.df.Task.all([
        context.df.callActivityWithRetry("left", new RetryOptions(1000, 3), "left"),
        context.df.callActivityWithRetry("right", new RetryOptions(1000, 3), "right"),
      ])) as unknown;
    },
    { activities: { left: counters[0]!.activity, right: counters[1]!.activity } },
  );
  expect(status.output).toEqual(["left", "right"]);
  expect(elapsed).toBe(2000);
});

test("a single attempt that fails throws without a second call", async () => {
  const once = failing(99);
  const { status } = await runToEnd(
    function* (context) {
      yield context.df.callActivityWithRetry("once", new RetryOptions(1000, 1));
    },
    { activities: { once: once.activity } },
  );
  expect(status.runtimeStatus).toBe("Failed");
  expect(once.calls).toBe(1);
});

test("waits grow by the backoff coefficient up to the maximum interval", () => {
  const options = {
    firstRetryIntervalInMilliseconds: 1000,
    maxNumberOfAttempts: 9,
    backoffCoefficient: 3,
    maxRetryIntervalInMilliseconds: 10_000,
  };
  expect([1, 2, 3, 4].map((tried) => retryDelay(options, tried))).toEqual([1000, 3000, 9000, 10_000]);
});

test("without a coefficient all waits are equal, and none is longer than six days", () => {
  const week = 7 * 24 * 3_600_000;
  expect(retryDelay({ firstRetryIntervalInMilliseconds: 250, maxNumberOfAttempts: 9 }, 5)).toBe(250);
  expect(retryDelay({ firstRetryIntervalInMilliseconds: week, maxNumberOfAttempts: 2 }, 1)).toBe(
    (week / 7) * 6,
  );
});

test("a retry timeout stops the retries without a timer, and the SDK waits for one in vain, as on the real host", async () => {
  const { status, events } = await runToEnd(
    function* (context) {
      const options = Object.assign(new RetryOptions(1000, 3), { retryTimeoutInMilliseconds: 0 });
      yield context.df.callActivityWithRetry("broken", options);
    },
    { activities: { broken: failing(99).activity } },
  );
  expect(status.runtimeStatus).toBe("Running");
  expect(events()).toEqual(["ExecutionStarted", "TaskScheduled", "TaskFailed"]);
});
