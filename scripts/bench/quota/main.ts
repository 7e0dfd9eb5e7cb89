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
} from "./measure.ts";
import { loads } from "./loads.ts";

/** What there is to play, of the first so many seeds. */
const plays: Record<string, (seeds: (most: number) => number[]) => string[]> = {
  loads: () => [...loads(), ""],
  random: (seeds) => lines(measureRandom(seeds(1_000))),
  learnt: (seeds) => lines(measureLearnt(seeds(100))),
  fairness: (seeds) => lines(measureFairness(seeds(20))),
  flood: (seeds) => lines([measureFlood(seeds(5), 600), measureFlood(seeds(50), 120)]),
  outage: (seeds) => lines(measureOutage(seeds(20))),
  kills: (seeds) => lines(measureKills(seeds(20))),
  estimates: (seeds) => lines([measureEstimates(seeds(50))]),
  admission: (seeds) => lines(measureAdmission(seeds(3), 2_000)),
};
export const playNames = Object.keys(plays);

/**
 * `npm run bench -- quota`: what the scheduler promises, on a virtual clock. The decisions are those of `src/domain/quota/`; the
 * services, the timers, the storage and its conflicts are simulated. `--seeds N` plays N random workloads (1,000), and no more of the
 * others. Printed as it comes: all of it takes a quarter of an hour.
 *
 * @param only one of `playNames`; by default all
 * @throws for a name that there isn't
 */
export function benchQuota(most: number, only: string | undefined, print: (line: string) => void): void {
  const seeds = (count: number) =>
    Array.from({ length: Math.max(1, Math.min(count, most)) }, (_, index) => index + 1);
  if (only !== undefined && !playNames.includes(only))
    throw new Error(`There is no ${only}: ${playNames.join(", ")}.`);
  for (const [name, play] of Object.entries(plays))
    if (only === undefined || only === name) for (const line of play(seeds)) print(line);
}

function lines(figures: readonly Figure[]): string[] {
  return figures.map((figure) => {
    const { what, value, bound, atLeast, seed } = figure;
    const bounds = `${atLeast ? "≥" : "≤"} ${bound}`;
    return `| ${what} | ${value.toFixed(3)} | ${bounds} | ${holds(figure) ? "ok" : "over"} | seed ${seed} |`;
  });
}
