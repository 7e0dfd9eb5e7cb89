import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  initialState,
  type Finished,
  readState,
  nextBatch,
  writeState,
} from "../../../src/domain/trigger-state.ts";

const start = Date.parse("2026-03-04T05:06:07.000Z");
const at = (ms: number) => new Date(start + ms);
const aJob = (number: number, endMs: number): Finished => ({
  id: `job_${"0".repeat(22)}${String(number).padStart(10, "0")}`,
  finishedAt: at(endMs).toISOString(),
});

describe("a poller", () => {
  it("is told every job once, however late within fifteen minutes it shows up", () => {
    const minute = 60_000;
    const arrivals = fc.array(
      fc.record({
        endMs: fc.integer({ min: 1, max: 60 * minute }),
        lateMs: fc.integer({ min: 0, max: 14 * minute }),
      }),
      { maxLength: 60 },
    );
    const pauses = fc.array(fc.integer({ min: 1, max: 10 * minute }), { minLength: 10, maxLength: 30 });
    fc.assert(
      fc.property(arrivals, pauses, fc.integer({ min: 1, max: 5 }), (jobs, waits, most) => {
        const all = jobs.map(({ endMs, lateMs }, number) => ({
          job: aJob(number, endMs),
          seenMs: endMs + lateMs,
        }));
        let state = initialState(at(0));
        let nowMs = 0;
        const delivered: string[] = [];
        const poll = () => {
          const seen = all.filter(({ job, seenMs }) => seenMs <= nowMs && job.finishedAt > state.from);
          const { fresh, hasMore, next } = nextBatch(
            state,
            seen.map(({ job }) => job),
            at(nowMs),
            most,
          );
          delivered.push(...fresh.map(({ id }) => id));
          state = readState(writeState(next));
          return hasMore;
        };
        for (const wait of [...waits, 80 * minute]) {
          nowMs += wait;
          // Sixty jobs need sixty turns at most.
          for (let semaphore = 0; poll() && semaphore <= 60; semaphore += 1);
        }
        expect([...delivered].sort()).toEqual(all.map(({ job }) => job.id).sort());
      }),
    );
  });

  it("has a state of a bounded length, which doesn't grow while nothing happens", () => {
    const jobs = Array.from({ length: 500 }, (_, number) => aJob(number, number + 1));
    let state = initialState(at(0));
    let longest = 0;
    for (let polls = 0; polls < 30; polls += 1) {
      const seen = jobs.filter(({ finishedAt }) => finishedAt > state.from);
      ({ next: state } = nextBatch(state, seen, at(1_000), 20));
      longest = Math.max(longest, writeState(state).length);
    }
    expect(longest).toBeLessThanOrEqual(24 + 100 * 10);
    const later = nextBatch(state, [], at(3_600_000), 20);
    expect(later).toEqual({
      fresh: [],
      hasMore: false,
      next: { from: at(2_700_000).toISOString(), delivered: [] },
    });
  });

  it("is told jobs in the order in which they ended, and whether more wait", () => {
    const jobs = [aJob(1, 30), aJob(2, 10), aJob(3, 20)] as const;
    const { fresh, hasMore } = nextBatch(initialState(at(0)), jobs, at(40), 2);
    expect([fresh, hasMore]).toEqual([[jobs[1], jobs[2]], true]);
  });
});
