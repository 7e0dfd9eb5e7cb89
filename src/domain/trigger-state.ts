/** A job that has ended, by when it did. */
export interface Finished {
  id: string;
  /** ISO 8601 in UTC. */
  finishedAt: string;
}

/**
 * What a poller has been told: every job that ended up to `from`, and of those that ended later the ones in `told`, by
 * the last part of their ids, which is chance.
 */
export interface TriggerState {
  from: string;
  told: readonly string[];
}

export interface Told {
  /** In the order in which they ended. */
  fresh: Finished[];
  hasMore: boolean;
  next: TriggerState;
}

// The end of a job is written in two places, and mended within minutes when the writer died in between: a job may show up
// later than one that ended after it.
const lateMs = 15 * 60_000;
const idCharacters = 10;
// The state travels in an address.
const maxRemembered = 100;

export function beginTelling(now: Date): TriggerState {
  return { from: now.toISOString(), told: [] };
}

/** Of the jobs that ended after `from`, those that are to be told now, each once; and what is then known to be told. */
export function tellNext(state: TriggerState, finished: readonly Finished[], now: Date, most: number): Told {
  const all = [...finished].sort(byEnd);
  const isTold = ({ id }: Finished) => state.told.includes(markOf(id));
  const untold = all.filter((job) => !isTold(job));
  const fresh = untold.slice(0, most);
  const rest = untold.slice(most);
  const told = all.filter((job) => isTold(job) || fresh.includes(job));
  return { fresh, hasMore: rest.length > 0, next: shortened(state.from, told, rest[0], now) };
}

export function writeState({ from, told }: TriggerState): string {
  return from + told.join("");
}

/** Of a text that `writeState` made. */
export function readState(text: string): TriggerState {
  const from = text.slice(0, isoCharacters);
  const marks = text.slice(isoCharacters);
  const told = Array.from({ length: marks.length / idCharacters }, (_, at) =>
    marks.slice(at * idCharacters, (at + 1) * idCharacters),
  );
  return { from, told };
}

const isoCharacters = "2026-01-02T03:04:05.678Z".length;

/** Moves `from` on, over what is told, but never over a job that is still to be told or may still show up. */
function shortened(
  from: string,
  told: readonly Finished[],
  nextUntold: Finished | undefined,
  now: Date,
): TriggerState {
  const late = new Date(now.getTime() - lateMs).toISOString();
  const tooMany = told.at(-maxRemembered - 1)?.finishedAt ?? "";
  const ceiling = nextUntold ? justBefore(nextUntold.finishedAt) : "9";
  const floor = [from, earlier(ceiling, later(late, tooMany))].reduce(later);
  return {
    from: floor,
    told: told.filter(({ finishedAt }) => finishedAt > floor).map(({ id }) => markOf(id)),
  };
}

const markOf = (id: string): string => id.slice(-idCharacters);
const later = (a: string, b: string): string => (a > b ? a : b);
const earlier = (a: string, b: string): string => (a < b ? a : b);

function justBefore(time: string): string {
  return new Date(Date.parse(time) - 1).toISOString();
}

function byEnd(a: Finished, b: Finished): number {
  return a.finishedAt === b.finishedAt ? (a.id < b.id ? -1 : 1) : a.finishedAt < b.finishedAt ? -1 : 1;
}
