import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ProgressTimer } from "../../../../src/adapters/net/progress-timer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const limits = { stallMs: 30_000, arriveWithinMs: 120_000 };
const start = (signal = new AbortController().signal) => new ProgressTimer({ ...limits, signal });

it("a fetch without progress ends after the one limit", () => {
  const timer = start();
  vi.advanceTimersByTime(29_999);
  expect(timer.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect([timer.signal.aborted, timer.expired]).toEqual([true, "sent nothing for 30 seconds"]);
});

it("a fetch with steady progress ends after the other limit", () => {
  const timer = start();
  for (let second = 20; second < 120; second += 20) {
    vi.advanceTimersByTime(20_000);
    expect(timer.signal.aborted).toBe(false);
    timer.progress();
  }
  vi.advanceTimersByTime(20_000);
  expect([timer.signal.aborted, timer.expired]).toEqual([true, "took 120 seconds to arrive"]);
});

it("a fetch that its caller ends has passed no limit, and leaves no timer", () => {
  const caller = new AbortController();
  const timer = start(caller.signal);
  caller.abort();
  timer.progress();
  expect([timer.signal.aborted, timer.expired, vi.getTimerCount()]).toEqual([true, undefined, 0]);
});
