import {
  type CallLine,
  emptyPool,
  type Permit,
  type PoolState,
  priorities,
  type WaitingCall,
} from "./pool-state.ts";

const version = 1;

type LineFields = [
  id: string,
  caller: number,
  priority: number,
  sinceAgo: number,
  images: number,
  following: number,
  work: number,
];

/** A pool's state in short: a thousand waiting lines are about 50 KB. Names are said once, and times from `base`. */
interface Written {
  version: typeof version;
  base: number;
  names: string[];
  waiting: [...LineFields, wakeIn: number][];
  permits: [
    ...LineFields,
    attempt: string,
    deployment: number,
    at: number,
    expiresIn: number,
    charge: number,
  ][];
  starts: [at: number, requests: number, images: number, refused: number][];
  callers: [name: number, weight: number, finish: number, at: number, count: number, everyMs: number][];
  virtualTime: number;
  rest: Pick<PoolState, "learnt" | "breakers" | "durations">;
}

export function encodePool(state: PoolState): string {
  const base = state.starts[0]?.at ?? state.waiting[0]?.since ?? 0;
  const names: string[] = [];
  const places = new Map<string, number>();
  const placeOf = (name: string) => {
    const known = places.get(name);
    if (known !== undefined) return known;
    places.set(name, names.push(name) - 1);
    return names.length - 1;
  };
  const fieldsOf = (line: CallLine): LineFields => [
    line.id,
    placeOf(line.caller),
    priorities.indexOf(line.priority),
    line.since - base,
    line.images,
    line.following,
    placeOf(line.work),
  ];
  const { learnt, breakers, durations, virtualTime } = state;
  const written: Written = {
    version,
    base,
    names,
    waiting: state.waiting.map((line) => [...fieldsOf(line), line.wakeAt - base]),
    permits: state.permits.map((permit) => [
      ...fieldsOf(permit),
      permit.attempt,
      placeOf(permit.deployment),
      permit.at - base,
      permit.expiresAt - base,
      permit.charge,
    ]),
    starts: state.starts.map(({ at, requests, images, refused }) => [at - base, requests, images, refused]),
    callers: Object.entries(state.callers).map(([name, { weight, finish, arrivals }]) => [
      ...([placeOf(name), weight, finish, arrivals.at - base, arrivals.count, arrivals.everyMs] as const),
    ]),
    virtualTime,
    rest: { learnt, breakers, durations },
  };
  return JSON.stringify(written);
}

/** A state of another version begins anew: each call that waits brings its place along, and what was learnt is learnt again. */
export function decodePool(text: string): PoolState {
  const written = JSON.parse(text) as Written | { version: undefined };
  if (written.version !== version) return emptyPool;
  const { base, names } = written;
  const name = (place: number) => names[place] ?? "";
  const lineOf = (fields: Readonly<LineFields>): CallLine => {
    const [id, caller, priority, since, images, following, work] = fields;
    const rank = priorities[priority] ?? "normal";
    return {
      id,
      caller: name(caller),
      priority: rank,
      since: since + base,
      images,
      following,
      work: name(work),
    };
  };
  const lineFields = 7;
  return {
    waiting: written.waiting.map((fields): WaitingCall => {
      const [, , , , , , , wakeAt] = fields;
      return { ...lineOf(fields.slice(0, lineFields) as LineFields), wakeAt: wakeAt + base };
    }),
    permits: written.permits.map((fields): Permit => {
      const [, , , , , , , attempt, deployment, at, expiresAt, charge] = fields;
      const line = lineOf(fields.slice(0, lineFields) as LineFields);
      const times = { at: at + base, expiresAt: expiresAt + base };
      return { ...line, attempt, deployment: name(deployment), ...times, charge };
    }),
    starts: written.starts.map(([at, requests, images, refused]) => ({
      at: at + base,
      requests,
      images,
      refused,
    })),
    callers: Object.fromEntries(
      written.callers.map(([caller, weight, finish, at, count, everyMs]) => [
        name(caller),
        { weight, finish, arrivals: { at: at + base, count, everyMs } },
      ]),
    ),
    virtualTime: written.virtualTime,
    ...written.rest,
  };
}
