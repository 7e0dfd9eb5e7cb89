import fc from "fast-check";
import { expect, it } from "vitest";
import { benchQuota } from "../../../../scripts/bench/quota/main.ts";
import {
  type Figure,
  holds,
  measureAdmission,
  measureEstimates,
  measureFairness,
  measureFlood,
  measureKills,
  measureLearnt,
  measureOutage,
  measureRandom,
} from "../../../../scripts/bench/quota/measure.ts";
import { randomWorkload } from "../../../../scripts/bench/quota/sim/random-workload.ts";

/**
 * A small cut of `npm run bench -- quota`, with other seeds each time: of a hundred, all of which hold. A failure prints its seed:
 * put it into `measure…([seed])`. One workload has no median, so its makespan's bound is the one for the worst.
 */
function hold(
  measure: (seed: number) => readonly Figure[],
  numRuns: number,
  seeds: fc.Arbitrary<number> = fc.integer({ min: 1, max: 100 }),
): void {
  fc.assert(
    fc.property(seeds, (seed) => {
      for (const figure of measure(seed)) {
        if (figure.what.endsWith("median")) continue;
        expect(holds(figure), `${figure.what}: ${figure.value}, bound ${figure.bound}, seed ${seed}`).toBe(
          true,
        );
      }
    }),
    { numRuns, endOnFailure: true },
  );
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

it("random workloads end nearly as soon as their services allow, without 429s", () => {
  const small = fc
    .integer({ min: 1, max: 100 })
    .filter((seed) => sum(randomWorkload(seed).jobs.map(({ lines }) => lines)) < 150);
  hold((seed) => measureRandom([seed]), 1, small);
});

it("limits that nobody told are found", () => hold((seed) => measureLearnt([seed], 4), 2));

it("callers get equal shares for their weights, and a wait costs few requests", () => {
  hold((seed) => measureFairness([seed], 30), 1);
});

it("a job behind another caller's flood waits for its own share alone", () => {
  hold((seed) => [measureFlood([seed], 120)], 1);
});

it("an outage of one deployment costs little, and moves no call in doubt", () => {
  hold((seed) => measureOutage([seed]), 1);
});

it("kills and lost answers of storage lose no permit and use none twice", () => {
  hold((seed) => measureKills([seed]), 3);
});

it("the end of most jobs is foretold", () => {
  // A single workload may be an odd one.
  hold((seed) => [measureEstimates([0, 25, 50, 75].map((step) => ((seed + step) % 100) + 1))], 1);
});

it("what can't begin in time is refused at once, and told the truth; what is accepted begins in time", () => {
  hold((seed) => measureAdmission([seed], 150, 600_000), 1);
});

it("a row that there isn't is an error of the bench, not a line of its table", () => {
  expect(() => benchQuota(1, "unknown", () => undefined)).toThrow("There is no unknown: loads, random");
});
