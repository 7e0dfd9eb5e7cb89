import { setTimeout as sleep } from "node:timers/promises";

/**
 * The pause before whatever is awaited is asked for again: the longer it has taken, the longer. At fixed short distances, those
 * who wait for a minute would keep host and storage busier than the jobs they wait for.
 */
export function pauseAfter(start: number): Promise<void> {
  return sleep(Math.min(500, Math.max(50, (performance.now() - start) / 10)));
}
