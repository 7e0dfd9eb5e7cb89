import { Random } from "../../faults/random.ts";
import type { ServiceSpec } from "./sim/service.ts";
import type { SimJob, SimPool, Workload } from "./sim/workload.ts";

/** A service of 6 images a minute, or as told. */
export function service(spec: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    requests: 6,
    windowMs: 60_000,
    countsRefused: true,
    saysRetryAfter: true,
    durationMs: 12_000,
    spread: 0.15,
    ...spec,
  };
}

export function pool(name: string, spec: Partial<ServiceSpec> = {}, isKnown = true): SimPool {
  return { name, service: service(spec), isKnown };
}

export function jobs(count: number, job: Partial<SimJob> & { everyMs?: number }): SimJob[] {
  const { everyMs = 0, arrivesAt = 0, ...others } = job;
  return Array.from({ length: count }, (_, index) => ({
    id: `${others.caller ?? "a"}-${index}`,
    caller: "a",
    priority: "normal",
    model: "gpt-image-1",
    lines: 1,
    callsPerLine: 1,
    images: 1,
    ...others,
    arrivesAt: arrivesAt + index * everyMs,
  }));
}

/** One deployment for each pool, of one model, unless told otherwise. */
export function workload(
  seed: number,
  pools: SimPool[],
  work: SimJob[],
  others: Partial<Workload> = {},
): Workload {
  return {
    seed,
    pools,
    deployments: pools.map(({ name }) => ({ name: `at-${name}`, pool: name, model: "gpt-image-1" })),
    weights: {},
    jobs: work,
    instances: 2,
    kills: [],
    visibilityMs: 60_000,
    lostWrites: 5,
    ...others,
  };
}

/** Jobs of several callers who all have work from the beginning on. */
export function manyCallers(seed: number, jobsEach = 55): Workload {
  const random = new Random(seed);
  const callers = Array.from({ length: random.between(2, 5) }, (_, index) => `caller-${index}`);
  return workload(
    seed,
    [pool("one", { requests: random.between(6, 20) })],
    callers.flatMap((caller) =>
      jobs(random.between(jobsEach - 10, jobsEach + 10), { caller, lines: random.between(1, 3) }),
    ),
    { weights: Object.fromEntries(callers.map((caller) => [caller, random.between(1, 3)])) },
  );
}

/** One pool whose limits must be found out: of all sizes, with and without Retry-After. */
export function unknownLimits(seed: number, minutes = 15): Workload {
  const random = new Random(seed);
  const windowMs = random.pick([10_000, 60_000, 60_000]);
  const requests = random.between(2, windowMs === 10_000 ? 6 : 20);
  const spec = {
    requests,
    windowMs,
    countsRefused: random.next() < 0.5,
    saysRetryAfter: random.next() < 0.6,
  };
  const wanted = Math.round((requests * minutes * 60_000) / windowMs);
  return workload(seed, [pool("one", spec, false)], jobs(wanted, { caller: "a" }));
}

/** A flood of one caller, and two minutes later one job of another. */
export function flood(
  seed: number,
  count: number,
  spec: Partial<ServiceSpec> = {},
  isKnown = true,
): Workload {
  return workload(
    seed,
    [pool("one", spec, isKnown)],
    [...jobs(count, { caller: "flood" }), ...jobs(1, { caller: "small", arrivesAt: 120_000 })],
  );
}

/** Two deployments in one pool, another in its own; one of them answers 503 for a minute. */
export function outage(seed: number): Workload {
  const first = pool("shared", {
    requests: 10,
    outages: [{ deployment: "shared-1", from: 60_000, to: 120_000 }],
  });
  const pools = [first, pool("own", { requests: 6 })];
  const deployments = [
    { name: "shared-1", pool: "shared", model: "gpt-image-1" },
    { name: "shared-2", pool: "shared", model: "gpt-image-1" },
    { name: "own-1", pool: "own", model: "gpt-image-1" },
  ];
  return workload(seed, pools, jobs(160, { caller: "a" }), { deployments });
}

/** Sixty jobs wait while processes are killed. */
export function killed(seed: number): Workload {
  const random = new Random(seed);
  return workload(seed, [pool("one", { requests: 10, parallel: 8 })], jobs(60, { caller: "a" }), {
    kills: Array.from({ length: 3 }, () => random.between(1_000, 300_000)),
    lostWrites: 50,
  });
}
