import type { Instance } from "./dispatcher.ts";

/**
 * Chooses the instance that runs timers and scans for blobs, as a lease in storage does on the platform. An instance that
 * is silent for `leaseMs` loses it; it knows so by itself (attach.ts), because it can't be told.
 */
export function createSingleton<T extends Instance>(
  now: () => number,
  leaseMs: number,
  notify: (instance: T, held: boolean) => void,
) {
  let holder: T | undefined;
  return {
    /** To be called whenever an instance came or went, and again and again. */
    settle(instances: readonly T[]): void {
      const isFit = (each: T) => instances.includes(each) && !each.isLeaving && now() - each.seenAt < leaseMs;
      if (holder && isFit(holder)) return;
      const next = instances.find(isFit);
      if (holder && instances.includes(holder)) notify(holder, false);
      holder = next;
      if (next) notify(next, true);
    },
  };
}
