import type { Outcome, Work } from "./messages.ts";

type Kind = Work["kind"];

/** An app process that takes work. */
export interface Instance {
  name: string;
  hand(lease: number, work: Work): void;
  /** When it was last heard of. */
  seenAt: number;
  /** Takes nothing new; what it gives up is free at once. */
  isLeaving: boolean;
}

export interface DispatcherParts {
  now: () => number;
  /** Work of each kind that one instance may have at a time. */
  limits: Readonly<Record<Kind, number>>;
  /** Milliseconds for which an instance that is not heard of keeps its work, after it closed and while it is silent. */
  visibility: Readonly<Record<Kind, { closed: number; silent: number }>>;
  /** An instance not heard of for so many milliseconds gets nothing new. */
  freshMs: number;
  log: (text: string) => void;
}

interface Item {
  work: Work;
  settle: (outcome: Outcome) => void;
  isSettled: boolean;
}

interface Lease {
  item: Item;
  holder: Instance;
  isClosed: boolean;
  /** The item is visible to others again. */
  isLapsed: boolean;
}

export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Hands work to instances as the platform's queues do: an item that is handed out is invisible for a while, its holder's
 * signs of life renew that, and an item whose holder is gone or silent becomes visible to all. It may then run twice;
 * the first completion counts.
 */
export function createDispatcher(parts: DispatcherParts) {
  const { now, limits, visibility, log } = parts;
  const instances = new Set<Instance>();
  const waiting = new Set<Item>();
  const leases = new Map<number, Lease>();
  let lastLease = 0;
  let isStopped = false;

  const load = (instance: Instance, kind?: Kind): number =>
    [...leases.values()].filter(
      ({ holder, item, isClosed }) =>
        holder === instance && !isClosed && (kind === undefined || item.work.kind === kind),
    ).length;
  const isReady = (instance: Instance, kind: Kind): boolean =>
    !instance.isLeaving && now() - instance.seenAt < parts.freshMs && load(instance, kind) < limits[kind];

  const fill = (): void => {
    if (isStopped) return;
    for (const item of waiting) {
      const ready = [...instances].filter((each) => isReady(each, item.work.kind));
      const holder = ready.sort((a, b) => load(a) - load(b))[0];
      if (!holder) continue;
      waiting.delete(item);
      lastLease += 1;
      leases.set(lastLease, { item, holder, isClosed: false, isLapsed: false });
      // Behind the others of the same load: otherwise the first would get all work that comes one by one.
      instances.delete(holder);
      instances.add(holder);
      holder.hand(lastLease, item.work);
    }
  };
  const lapse = (lease: Lease): void => {
    const { item, holder } = lease;
    if (!lease.isLapsed && !item.isSettled) {
      waiting.add(item);
      log(`${item.work.kind} '${item.work.name}' of ${holder.name} is visible again`);
    }
    lease.isLapsed = true;
  };

  return {
    /** Resolves with the first outcome, whichever instance it comes from. */
    run: (work: Work): Promise<Outcome> =>
      new Promise((settle) => {
        waiting.add({ work, settle, isSettled: false });
        fill();
      }),
    join(instance: Instance): void {
      instances.add(instance);
      fill();
    },
    /** A sign of life. What lapsed and was taken by nobody else is the instance's own again. */
    renew(instance: Instance): void {
      instance.seenAt = now();
      for (const lease of leases.values()) {
        if (lease.holder === instance && lease.isLapsed && waiting.delete(lease.item)) lease.isLapsed = false;
      }
      fill();
    },
    complete(instance: Instance, id: number, outcome: Outcome): void {
      const lease = leases.get(id);
      if (!lease || lease.holder !== instance) return;
      leases.delete(id);
      const { item } = lease;
      if (item.isSettled) {
        log(`${item.work.kind} '${item.work.name}' ended on ${instance.name} too late and is ignored`);
      } else {
        item.isSettled = true;
        waiting.delete(item);
        item.settle(outcome);
      }
      fill();
    },
    /** The instance's connection is gone, and it will complete nothing any more. */
    close(instance: Instance): void {
      instances.delete(instance);
      for (const lease of leases.values()) if (lease.holder === instance) lease.isClosed = true;
    },
    /** Makes visible what has been out of sight too long. To be called again and again. */
    dropExpired(): void {
      for (const [id, lease] of leases) {
        const { closed, silent } = visibility[lease.item.work.kind];
        const time = !lease.isClosed ? silent : lease.holder.isLeaving ? 0 : closed;
        if (now() - lease.holder.seenAt >= time) lapse(lease);
        if (lease.isClosed && lease.isLapsed) leases.delete(id);
      }
      fill();
    },
    underWay: (): number => [...leases.values()].filter(({ isClosed }) => !isClosed).length,
    stop(): void {
      isStopped = true;
    },
    instances: (): readonly Instance[] => [...instances],
  };
}
