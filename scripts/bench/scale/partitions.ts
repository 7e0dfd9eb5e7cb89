import { randomJobIds } from "../../../src/adapters/crypto/job-id-maker.ts";
import { systemClock } from "../../../src/adapters/node/system-clock.ts";
import { jobKey } from "../../../src/adapters/storage/job-entities.ts";
import type { CountedJob } from "../storage-requests.ts";
import { touchedBy } from "./touched.ts";

/** What one job touches of a table: in its caller's partition, its own, or one that all jobs share. */
export interface Share {
  table: string;
  of: "caller" | "job" | { shared: string };
  entities: number;
}

export function sharesOf({ id, requests }: CountedJob): Share[] {
  const caller = jobKey(id).partitionKey;
  const shares = new Map<string, Share>();
  for (const { table, partition, entities } of requests.flatMap(touchedBy)) {
    const of = partition === id ? "job" : partition === caller ? "caller" : { shared: partition };
    const key = `${table} ${partition}`;
    shares.set(key, { table, of, entities: (shares.get(key)?.entities ?? 0) + entities });
  }
  return [...shares.values()];
}

/** The busiest partition of a kind, by the entities that are touched there for each job of all callers. */
export interface Hottest {
  table: string;
  what: string;
  entitiesPerJob: number;
}

const callers = 1_000;
// By Zipf's law: the first has 13 % of all jobs, as many as the last 600.
const exponent = 1;

/** Plays so many jobs of callers of whom a few have most, by the keys that Darkroom would give them. */
export function hottestPartitions(shares: readonly Share[], jobs: number): Hottest[] {
  const ids = randomJobIds(systemClock);
  const pick = zipf();
  const jobsOf = new Map<string, number>();
  for (let job = 0; job < jobs; job += 1) {
    const { partitionKey } = jobKey(ids.next(`caller-${pick()}`));
    jobsOf.set(partitionKey, (jobsOf.get(partitionKey) ?? 0) + 1);
  }
  const busiest = Math.max(...jobsOf.values()) / jobs;
  return shares.map(({ table, of, entities }) => {
    if (of === "caller") return { table, what: "the busiest caller", entitiesPerJob: entities * busiest };
    // A job's own partition has what one job touches, however many jobs there are.
    if (of === "job") return { table, what: "any job", entitiesPerJob: 0 };
    return { table, what: of.shared, entitiesPerJob: entities };
  });
}

/** Numbers of callers, the busiest first; the same in every run. */
function zipf(): () => number {
  const weights = Array.from({ length: callers }, (_, rank) => 1 / (rank + 1) ** exponent);
  let total = 0;
  const sums = weights.map((weight) => (total += weight));
  let seed = 1;
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const at = (seed / 2 ** 32) * total;
    let [low, high] = [0, callers - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
