import { expect, it } from "vitest";
import { nowMs, waitUntil } from "../../src/orchestrations/call.ts";
import { runToEnd } from "../../packages/functions-host/test/unit/durable/orchestration.ts";

/** Delays on both sides of every whole second up to eight. */
const delays = Array.from({ length: 200 }, (_, index) => 41 * index + 7);

// Each turn replays all that came before: ten orchestrations take a tenth of the time of one.
const parts = Array.from({ length: 10 }, (_, part) => delays.slice(20 * part, 20 * (part + 1)));

it("of 200 waits none ends before its time, nor a second after it", async () => {
  const lateness: number[] = [];
  for (const part of parts) {
    const { status } = await runToEnd(function* (context) {
      const own: number[] = [];
      for (const delay of part) {
        const until = nowMs(context) + delay;
        yield* waitUntil(context, until);
        own.push(nowMs(context) - until);
      }
      return own;
    });
    lateness.push(...(status.output as number[]));
  }
  expect(lateness).toHaveLength(delays.length);
  expect(lateness.filter((late) => late < 0 || late >= 1_000)).toEqual([]);
});

it("a wait for a time that has passed takes one timer", async () => {
  const { events } = await runToEnd(function* (context) {
    yield* waitUntil(context, nowMs(context) - 5_000);
  });
  expect(events()).toEqual(["ExecutionStarted", "TimerCreated", "TimerFired", "ExecutionCompleted"]);
});
