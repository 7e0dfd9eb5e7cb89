import { Random } from "../../../faults/random.ts";
import type { Workload } from "./workload.ts";

/** Loads of all sizes: 1 to 8 deployments in 1 to 4 pools, 1 to 5 callers. */
export function randomWorkload(seed: number): Workload {
  const random = new Random(seed);
  const pools = Array.from({ length: random.between(1, 4) }, (_, index) => {
    const requests = random.between(2, 20);
    const durationMs = random.between(4_000, 25_000);
    return {
      name: `pool-${index}`,
      isKnown: true,
      service: {
        requests,
        windowMs: 60_000,
        countsRefused: random.next() < 0.5,
        saysRetryAfter: random.next() < 0.7,
        durationMs,
        spread: 0.15,
      },
    };
  });
  const models = ["gpt-image-1", "dall-e-3"].slice(0, random.between(1, 2));
  const count = Math.max(pools.length, models.length, random.between(1, 8));
  const deployments = Array.from({ length: count }, (_, index) => ({
    name: `deployment-${index}`,
    pool: (pools[index % pools.length] ?? { name: "" }).name,
    model: models[index % models.length] ?? "",
  }));
  const callers = Array.from({ length: random.between(1, 5) }, (_, index) => `caller-${index}`);
  const capacity = pools.reduce((sum, { service }) => sum + service.requests, 0);
  // Six to fifteen minutes of work.
  const wanted = capacity * random.between(6, 15);
  const jobs = [];
  for (let calls = 0; calls < wanted;) {
    const lines = random.next() < 0.6 ? 1 : random.between(2, 10);
    const callsPerLine = random.next() < 0.95 ? 1 : random.between(2, 3);
    jobs.push({
      id: `job-${jobs.length}`,
      caller: random.pick(callers),
      priority: random.pick(["low", "normal", "normal", "high"] as const),
      arrivesAt: Math.floor((random.next() * wanted * 30_000) / capacity),
      model: random.pick(models),
      lines,
      callsPerLine,
      images: 1,
    });
    calls += lines * callsPerLine;
  }
  return {
    seed,
    pools,
    deployments,
    weights: Object.fromEntries(callers.map((caller) => [caller, random.between(1, 3)])),
    jobs,
    instances: random.between(1, 4),
    kills: [],
    visibilityMs: 60_000,
    lostWrites: 5,
  };
}
