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
  delivered: readonly string[];
}

export interface NextBatch {
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

export function initialState(now: Date): TriggerState {
  return { from: now.toISOString(), delivered: [] };
}

/** Of the jobs that ended after `from`, those that are to be told now, each once; and what is then known to be told. */
export function nextBatch(
  state: TriggerState,
  finished: readonly Finished[],
  now: Date,
  most: number,
): NextBatch {
  const all = [...finished].sort(byEnd);
  const isDelivered = ({ id }: Finished) => state.delivered.includes(markOf(id));
  const pending = all.filter((job) => !isDelivered(job));
  const fresh = pending.slice(0, most);
  const rest = pending.slice(most);
  const delivered = all.filter((job) => isDelivered(job) || fresh.includes(job));
  return { fresh, hasMore: rest.length > 0, next: shortened(state.from, delivered, rest[0], now) };
}

export function writeState({ from, delivered }: TriggerState): string {
  return from + delivered.join("");
}

/** Of a text that `writeState` made. */
export function readState(text: string): TriggerState {
  const from = text.slice(0, isoCharacters);
  const marks = text.slice(isoCharacters);
  const delivered = Array.from({ length: marks.length / idCharacters }, (_, at) =>
    marks.slice(at * idCharacters, (at + 1) * idCharacters),
  );
  return { from, delivered };
}

const isoCharacters = "2026-01-02T03:04:05.678Z".length;

/** Moves `from` on, over what is told, but never over a job that is still to be told or may still show up. */
function shortened(
  from: string,
  delivered: readonly Finished[],
  nextPending: Finished | undefined,
  now: Date,
): TriggerState {
  const late = new Date(now.getTime() - lateMs).toISOString();
  const tooMany = delivered.at(-maxRemembered - 1)?.finishedAt ?? "";
  const ceiling = nextPending ? justBefore(nextPending.finishedAt) : "9";
  const floor = [from, earlier(ceiling, later(late, tooMany))].reduce(later);
  return {
    from: floor,
    delivered: delivered.filter(({ finishedAt }) => finishedAt > floor).map(({ id }) => markOf(id)),
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
