import { describe, expect, it } from "vitest";
import { type FailedTries, tryAgain } from "../../../src/domain/step-retry.ts";

/** When a step that fails again and again is run, in seconds from its first failure on. */
function runs(failures: boolean[], bounds: { outageEnds: number; attempts: number }): number[] {
  const times: number[] = [];
  let tries: FailedTries | undefined;
  let now = 0;
  for (const isOutage of failures) {
    const retry = { attempts: bounds.attempts, firstMs: 1_000 };
    const again = tryAgain(tries, isOutage, { now, outageEnds: bounds.outageEnds, retry });
    if (!again) return times;
    ({ tries } = again);
    now = again.wakeAt;
    times.push(now / 1_000);
  }
  return times;
}
const so = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("a step that throws", () => {
  it("is tried as often as its policy says, after pauses that double up to half a minute", () => {
    expect(runs(so(20, false), { outageEnds: 0, attempts: 8 })).toEqual([1, 3, 7, 15, 31, 61, 91]);
  });

  it("spends no try while our own storage fails it, and keeps those that it has spent", () => {
    const mixed = [true, false, true, false, true, false];
    expect(runs(mixed, { outageEnds: 1e9, attempts: 3 })).toHaveLength(5);
  });

  it("is run again until the outage has lasted as long as it may", () => {
    const times = runs(so(99, true), { outageEnds: 60_000, attempts: 1 });
    expect(times).toEqual([1, 3, 7, 15, 30, 45, 60]);
  });

  it("waits for a fortieth of an outage that is long: a day of it is some 240 tries", () => {
    const times = runs(so(999, true), { outageEnds: 86_400_000, attempts: 1 });
    const gaps = times.map((at, index) => at - (times[index - 1] ?? 0));
    expect(gaps.filter((_gap, index) => (times[index] ?? 0) <= 600).every((gap) => gap <= 15)).toBe(true);
    expect(times.length).toBeLessThan(260);
  });
});
