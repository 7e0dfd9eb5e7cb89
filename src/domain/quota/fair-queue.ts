import type { CallerShare, CallLine, PoolState } from "./pool-state.ts";

/** The order in which waiting calls are served. Mutable, for one decision. */
export interface FairQueue<T extends CallLine> {
  /** Takes the call whose turn is next. */
  shift(): T | undefined;
  add(call: T): void;
  /** Whether this caller has nothing waiting. */
  isIdle(caller: string): boolean;
}

interface CallerQueue<T> {
  weight: number;
  finish: number;
  calls: T[];
  /** How many of them are gone. */
  served: number;
}

/**
 * Start-time fair queueing (Goyal, Vin, Cheng, 1996): each caller's next call has a start tag, and the least goes first. A call
 * costs its caller `costOf` divided by its weight, in virtual time; a caller who comes anew begins at the present, so that
 * neither a flood before it nor its own past idleness counts. Within a caller: priority, then first come, first served.
 *
 * @param calls in the order of `insertInOrder`
 */
export function fairQueue<T extends CallLine>(
  calls: readonly T[],
  { callers, virtualTime }: { callers: Readonly<Record<string, CallerShare>>; virtualTime: number },
  costOf: (call: CallLine) => number,
): FairQueue<T> {
  const callerQueues = new Map<string, CallerQueue<T>>();
  let present = virtualTime;
  for (const call of calls) queueOf(call.caller).calls.push(call);

  function queueOf(caller: string): CallerQueue<T> {
    const known = callerQueues.get(caller);
    if (known) return known;
    const { weight, finish } = callers[caller] ?? { weight: 1, finish: virtualTime };
    const callerQueue = { weight, finish, calls: [], served: 0 };
    callerQueues.set(caller, callerQueue);
    return callerQueue;
  }

  return {
    shift() {
      let next: { callerQueue: CallerQueue<T>; head: T; tag: number } | undefined;
      for (const callerQueue of callerQueues.values()) {
        const head = callerQueue.calls[callerQueue.served];
        if (!head) continue;
        const tag = callerQueue.finish;
        const isFirst = !next || tag < next.tag || (tag === next.tag && firstCome(head, next.head) < 0);
        if (isFirst) next = { callerQueue, head, tag };
      }
      if (!next) return undefined;
      present = next.tag;
      next.callerQueue.finish = next.tag + costOf(next.head) / next.callerQueue.weight;
      next.callerQueue.served += 1;
      return next.head;
    },
    isIdle(caller) {
      const callerQueue = callerQueues.get(caller);
      return !callerQueue || callerQueue.served === callerQueue.calls.length;
    },
    add(call) {
      const callerQueue = queueOf(call.caller);
      if (callerQueue.served === callerQueue.calls.length)
        callerQueue.finish = Math.max(present, callerQueue.finish);
      callerQueue.calls = insertInOrder(callerQueue.calls.slice(callerQueue.served), call);
      callerQueue.served = 0;
    },
  };
}

/** Where a caller's calls are served from: by priority, then first come, first served. */
export function insertInOrder<T extends CallLine>(calls: readonly T[], call: T): T[] {
  const after = calls.findLastIndex((other) => firstServed(other, call) < 0);
  return calls.toSpliced(after + 1, 0, call);
}

const rank = { high: 0, normal: 1, low: 2 };

function firstServed(a: CallLine, b: CallLine): number {
  return rank[a.priority] - rank[b.priority] || firstCome(a, b);
}

function firstCome(a: CallLine, b: CallLine): number {
  return a.since - b.since || (a.id < b.id ? -1 : 1);
}

/** What a call takes of its pool: images where those are counted, else one request. */
export function costIn(limits: { images?: unknown }): (call: { images: number }) => number {
  return limits.images === undefined ? () => 1 : ({ images }) => images;
}

/**
 * What is left after a call of `caller` began. Virtual time is the least tag of those who still wait: who was passed by because
 * its calls weren't here keeps its place before the others.
 */
export function charge(
  { callers, waiting, virtualTime }: Pick<PoolState, "callers" | "waiting" | "virtualTime">,
  caller: string,
  share: CallerShare,
  cost: number,
): { callers: Record<string, CallerShare>; virtualTime: number; charge: number } {
  const paid = cost / share.weight;
  const charged = { ...callers, [caller]: { ...share, finish: share.finish + paid } };
  const others = new Set(waiting.map((call) => call.caller));
  const tags = [...others].map((name) => charged[name]?.finish ?? Infinity);
  const present = Math.min(share.finish, ...tags);
  return { callers: charged, virtualTime: Math.max(virtualTime, present), charge: paid };
}
