import type { CallerShare } from "./pool-state.ts";

type Arrivals = CallerShare["arrivals"];

const memory = 10;
const minSeen = 5;

export function observeArrival(before: Arrivals | undefined, now: number): Arrivals {
  if (!before) return { at: now, count: 1, everyMs: 0 };
  const count = Math.min(memory, before.count + 1);
  const everyMs = before.everyMs + (now - before.at - before.everyMs) / (count - 1);
  return { at: now, count, everyMs: Math.round(everyMs) };
}

/** How far apart a caller's lines will probably come; undefined when too few were seen, or none for long. */
export function expectedGapMs({ at, count, everyMs }: Arrivals, now: number): number | undefined {
  if (count < minSeen) return undefined;
  const silentMs = now - at;
  return silentMs > memory * Math.max(1_000, everyMs) ? undefined : Math.max(1, everyMs, silentMs / 2);
}
