/** How long calls of one kind took: their number, and a moving mean of the logarithm of seconds. */
export interface Duration {
  count: number;
  meanLog: number;
}
/** By kind of work. */
export type Durations = Readonly<Record<string, Duration>>;

const defaultMs = 30_000;
const maxKinds = 16;
// A mean over the last fifty or so: a service that became slower is believed within minutes.
const memory = 50;

/** A typical duration, which half of the calls exceed: a mean of logarithms isn't led astray by a few slow ones. */
export function expectedMs(durations: Durations, work: string): number {
  const known = durations[work];
  return known ? 1_000 * Math.exp(known.meanLog) : defaultMs;
}

export function observeDuration(durations: Durations, work: string, ms: number): Durations {
  const { [work]: before = { count: 0, meanLog: 0 }, ...others } = durations;
  const count = Math.min(memory, before.count + 1);
  const log = Math.log(Math.max(1, ms) / 1_000);
  const meanLog = before.meanLog + (log - before.meanLog) / count;
  // The latest is last; what wasn't seen for longest goes.
  const kept = Object.entries(others).slice(1 - maxKinds);
  return Object.fromEntries([...kept, [work, { count, meanLog: Math.round(meanLog * 1e4) / 1e4 }]]);
}
