import {
  estimatesWithin,
  firstWaitMs,
  jain,
  requestsPerWaitingMinute,
  throttlesPerImage,
} from "./sim/figures.ts";
import {
  flood,
  jobs,
  killed,
  manyCallers,
  outage,
  pool,
  service,
  unknownLimits,
  workload,
} from "./scenarios.ts";
import { Random } from "../../faults/random.ts";
import { lowerBound } from "./sim/lower-bound.ts";
import { randomWorkload } from "./sim/random-workload.ts";
import type { RunResult } from "./sim/result.ts";
import { simulate } from "./sim/run.ts";

/** One promise of the scheduler, as measured over seeded workloads. */
export interface Figure {
  what: string;
  /** The worst of all seeds, unless it says otherwise, and the seed that gave it. */
  value: number;
  seed: number;
  bound: number;
  /** Whether the figure must not be below its bound, rather than not above. */
  atLeast?: true;
}

export function holds({ value, bound, atLeast }: Figure): boolean {
  return atLeast ? value >= bound : value <= bound;
}

interface Sample {
  value: number;
  seed: number;
}

function worst(samples: readonly Sample[], atLeast = false): Sample {
  return samples.reduce((a, b) => (atLeast === a.value > b.value ? b : a));
}

function middle(samples: readonly Sample[]): Sample {
  const sorted = samples.toSorted((a, b) => a.value - b.value);
  return sorted[sorted.length >> 1] ?? { value: NaN, seed: 0 };
}

function each(seeds: readonly number[], measure: (seed: number) => number): Sample[] {
  return seeds.map((seed) => ({ seed, value: measure(seed) }));
}

/** Random workloads with known limits: how long they take, and what is turned away. */
export function measureRandom(seeds: readonly number[]): Figure[] {
  const runs = seeds.map((seed) => simulate(randomWorkload(seed)));
  const ratios = runs.map((run) => ({
    seed: run.workload.seed,
    value: allDone(run) ? run.endedAt / lowerBound(run.workload) : Infinity,
  }));
  const throttles = runs.map((run) => ({ seed: run.workload.seed, value: throttlesPerImage(run) }));
  const requests = runs.map((run) => ({ seed: run.workload.seed, value: requestsPerWaitingMinute(run) }));
  return [
    { what: "makespan / lower bound, median", ...middle(ratios), bound: 1.05 },
    { what: "makespan / lower bound, worst", ...worst(ratios), bound: 1.1 },
    { what: "429s per image, limits known", ...worst(throttles), bound: 0.02 },
    { what: "storage requests per waiting call and minute, random pools", ...worst(requests), bound: 4 },
    { what: "permits used twice, calls in doubt moved", ...worst(breaches(runs)), bound: 0 },
  ];
}

export function measureLearnt(seeds: readonly number[], minutes?: number): Figure[] {
  const runs = seeds.map((seed) => simulate(unknownLimits(seed, minutes)));
  const throttles = runs.map((run) => ({
    seed: run.workload.seed,
    value: allDone(run) ? throttlesPerImage(run, 60_000) : Infinity,
  }));
  return [{ what: "429s per image, learnt, after the first minute", ...worst(throttles), bound: 0.1 }];
}

export function measureFairness(seeds: readonly number[], jobsEach?: number): Figure[] {
  const runs = seeds.map((seed) => simulate(manyCallers(seed, jobsEach)));
  const of = (measure: (run: RunResult) => number) =>
    runs.map((run) => ({ seed: run.workload.seed, value: measure(run) }));
  return [
    { what: "fairness between callers (Jain)", ...worst(of(jain), true), bound: 0.95, atLeast: true },
    {
      what: "storage requests per waiting call and minute",
      ...worst(of(requestsPerWaitingMinute)),
      bound: 4,
    },
  ];
}

/** A job behind a flood: the wait for its image, for what half of the pool, at an even pace, needs for one. */
export function measureFlood(seeds: readonly number[], count: number): Figure {
  const samples = each(seeds, (seed) => {
    const run = simulate(flood(seed, count, { requests: 6, windowMs: 10_000 }));
    const { requests, windowMs, durationMs } = service({ requests: 6, windowMs: 10_000 });
    const needMs = windowMs / (requests / 2) + durationMs;
    return allDone(run) ? (firstWaitMs(run, "small") + durationMs) / needMs : Infinity;
  });
  const what = `one job behind ${count} of another caller: wait / its fair share's need`;
  return { what, ...worst(samples), bound: 2 };
}

export function measureOutage(seeds: readonly number[]): Figure[] {
  const runs = seeds.map((seed) => simulate(outage(seed)));
  const ratios = runs.map((run) => ({
    seed: run.workload.seed,
    value: allDone(run) ? run.endedAt / lowerBound(run.workload) : Infinity,
  }));
  return [
    {
      what: "two deployments in one pool, one 503 for a minute: makespan / bound",
      ...worst(ratios),
      bound: 1.1,
    },
    { what: "its calls in doubt that were moved", ...worst(breaches(runs)), bound: 0 },
  ];
}

export function measureKills(seeds: readonly number[]): Figure[] {
  const runs = seeds.map((seed) => simulate(killed(seed)));
  const lost = runs.map((run) => ({
    seed: run.workload.seed,
    value: run.jobs.filter(({ endedAt }) => endedAt === undefined).length + permitsLeft(run),
  }));
  const throttles = runs.map((run) => ({ seed: run.workload.seed, value: throttlesPerImage(run) }));
  return [
    { what: "killed while 60 jobs wait: jobs or permits lost", ...worst(lost), bound: 0 },
    { what: "killed while 60 jobs wait: permits used twice", ...worst(breaches(runs)), bound: 0 },
    // A permit that counted for two calls would meet the service's own count.
    { what: "killed while 60 jobs wait: 429s per image", ...worst(throttles), bound: 0.02 },
  ];
}

/** Jobs that come and go; estimates that were given at their arrival, after fifty were seen. */
export function measureEstimates(seeds: readonly number[]): Figure {
  const samples = each(seeds, (seed) => {
    const random = new Random(seed);
    const requests = random.between(4, 12);
    const comingAndGoing = jobs(250, {
      everyMs: Math.round((60_000 / requests) * (0.85 + 0.3 * random.next())),
    });
    const mixed = comingAndGoing.map((job) => ({ ...job, caller: random.pick(["a", "b", "c"]) }));
    const run = simulate(workload(seed, [pool("one", { requests })], mixed));
    const pairs = run.jobs
      .slice(50)
      .flatMap(({ job, estimate, endedAt }) =>
        estimate && endedAt !== undefined
          ? [{ estimatedMs: estimate.endsAt - job.arrivesAt, actualMs: endedAt - job.arrivesAt }]
          : [],
      );
    return estimatesWithin(pairs);
  });
  const share = samples.reduce((sum, { value }) => sum + value, 0) / samples.length;
  return {
    what: "estimated end within 20 %, share of all jobs",
    value: share,
    seed: worst(samples, true).seed,
    bound: 0.8,
    atLeast: true,
  };
}

/** Far more jobs than can begin in half an hour: what is accepted lives, what isn't is told when it could begin. */
export function measureAdmission(
  seeds: readonly number[],
  count: number,
  queueDeadlineMs = 1_800_000,
): Figure[] {
  const runs = seeds.map((seed) => {
    const wall = jobs(count, { everyMs: 20 });
    return simulate(workload(seed, [pool("one")], wall, { queueDeadlineMs }));
  });
  const died = runs.map((run) => ({
    seed: run.workload.seed,
    value: run.jobs.filter(
      ({ job, admitted, startedAt = Infinity }) => admitted && startedAt > job.arrivesAt + queueDeadlineMs,
    ).length,
  }));
  const truth = runs.map((run) => {
    const accepted = run.jobs.filter(({ admitted }) => admitted).length;
    // One more than was accepted, and nobody refused.
    const twin = simulate(workload(run.workload.seed, [pool("one")], jobs(accepted + 1, { everyMs: 20 })));
    const actual = Math.max(...twin.jobs.map(({ startedAt = Infinity }) => startedAt));
    const refused = run.jobs.filter(({ admitted }) => !admitted);
    const pairs = refused.map(({ estimate, job }) => ({
      estimatedMs: (estimate?.startsAt ?? 0) - job.arrivesAt,
      actualMs: actual - job.arrivesAt,
    }));
    return { seed: run.workload.seed, value: refused.length > 0 ? estimatesWithin(pairs) : 0 };
  });
  const what = `${count} jobs at 6 a minute`;
  return [
    { what: `${what}: accepted, but not begun in time`, ...worst(died), bound: 0 },
    {
      what: `${what}: estimates of those refused within 20 %`,
      ...worst(truth, true),
      bound: 1,
      atLeast: true,
    },
  ];
}

function allDone({ jobs: all }: RunResult): boolean {
  return all.every(({ admitted, endedAt }) => !admitted || endedAt !== undefined);
}

function breaches(runs: readonly RunResult[]): Sample[] {
  return runs.map((run) => ({ seed: run.workload.seed, value: run.usedTwice + run.movedInDoubt }));
}

/** Permits whose holders are gone are held until they expire, never longer. */
function permitsLeft({ pools, endedAt }: RunResult): number {
  return pools.flatMap(({ state }) => state.permits.filter(({ expiresAt }) => expiresAt > endedAt + 600_000))
    .length;
}
