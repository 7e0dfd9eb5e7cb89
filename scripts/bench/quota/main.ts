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

/**
 * `npm run bench -- quota`: what the scheduler promises, on a virtual clock. The decisions are those of `src/domain/quota/`; the
 * services, the timers, the storage and its conflicts are simulated. `--seeds N` plays N random workloads (1,000).
 */
export function benchQuota(seeds: number): string {
  const some = (count: number) => range(Math.max(1, Math.min(count, seeds)));
  const figures = [
    ...measureRandom(range(seeds)),
    ...measureLearnt(some(100)),
    ...measureFairness(some(20)),
    measureFlood(some(5), 600),
    measureFlood(some(50), 120),
    ...measureOutage(some(20)),
    ...measureKills(some(20)),
    measureEstimates(some(50)),
    ...measureAdmission(some(3), 2_000),
  ];
  return [...loads(), "", ...figures.map(line)].join("\n");
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function line(figure: Figure): string {
  const { what, value, bound, atLeast, seed } = figure;
  const bounds = `${atLeast ? "≥" : "≤"} ${bound}`;
  return `| ${what} | ${value.toFixed(3)} | ${bounds} | ${holds(figure) ? "ok" : "over"} | seed ${seed} |`;
}
