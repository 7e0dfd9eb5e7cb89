import type { SimJob, SimPool, Workload } from "./workload.ts";

/**
 * A time before which no scheduler can be done, whatever it knows: for each set of pools, the earliest end of the calls that
 * nothing outside it can take. That calls of one line follow each other is left out, so lines of several make it a little low.
 */
export function lowerBound({ pools, deployments, jobs }: Workload): number {
  let bound = 0;
  for (let set = 1; set < 2 ** pools.length; set += 1) {
    const members = pools.filter((_, index) => (set >> index) & 1);
    const names = new Set(members.map(({ name }) => name));
    const inside = jobs.filter((job) =>
      deployments
        .filter(({ name, model }) => model === job.model && (job.deployment ?? name) === name)
        .every(({ pool }) => names.has(pool)),
    );
    if (inside.length > 0) bound = Math.max(bound, earliestEnd(members, inside));
  }
  return bound;
}

const precisionMs = 100;

function earliestEnd(pools: readonly SimPool[], jobs: readonly SimJob[]): number {
  const shortest = Math.min(...pools.map((pool) => minOf(pool)));
  let early = Math.max(...jobs.map(({ arrivesAt, callsPerLine }) => arrivesAt + callsPerLine * shortest));
  let late = early + 60_000;
  while (!canEnd(late, pools, jobs)) [early, late] = [late, 2 * late];
  while (late - early > precisionMs) {
    const middle = (early + late) / 2;
    if (canEnd(middle, pools, jobs)) late = middle;
    else early = middle;
  }
  return early;
}

function minOf({ service: { durationMs, spread } }: SimPool): number {
  return durationMs * (1 - spread);
}

/**
 * Whether all could be done by `end`, if each call took its pool's shortest time. Each starts as early as any window takes it;
 * of several pools the one that must stop starting first, since the others' room is good for longer. With windows of one
 * length and calls of one size, no other order ends sooner.
 */
function canEnd(end: number, pools: readonly SimPool[], jobs: readonly SimJob[]): boolean {
  const windows = pools
    .map((pool) => ({ ...pool.service, stopsAt: end - minOf(pool), starts: [] as number[] }))
    .sort((a, b) => a.stopsAt - b.stopsAt);
  for (const { arrivesAt, lines, callsPerLine } of jobs.toSorted((a, b) => a.arrivesAt - b.arrivesAt)) {
    for (let call = 0; call < lines * callsPerLine; call += 1) {
      let first: { window: (typeof windows)[number]; at: number } | undefined;
      for (const window of windows) {
        const free = window.starts.at(-window.requests);
        const at = Math.max(arrivesAt, free === undefined ? 0 : free + window.windowMs);
        if (at <= window.stopsAt && (!first || at < first.at)) first = { window, at };
      }
      if (!first) return false;
      first.window.starts.push(first.at);
    }
  }
  return true;
}
