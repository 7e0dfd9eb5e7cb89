import { setTimeout as sleep } from "node:timers/promises";
import type { JobChange, JobStore } from "../ports/jobs.ts";

/**
 * Rings when this instance writes of a job. What rings while nobody waits is not lost: the next wait ends at once, so that
 * a reader who looks between two waits misses nothing.
 */
export interface JobBell {
  /** Resolves with the next ring, when the time is up, or when stopped; tells for what it rang. */
  ring(ms: number, stopped?: AbortSignal): Promise<ReadonlySet<JobChange>>;
  /** To be called by the one who has enough. */
  put(): void;
}

export function jobBell(jobs: Pick<JobStore, "listen">, jobId: string): JobBell {
  let rung: PromiseWithResolvers<void> = Promise.withResolvers();
  let heard = new Set<JobChange>();
  const put = jobs.listen(jobId, (change) => {
    heard.add(change);
    rung.resolve();
  });
  return {
    put,
    async ring(ms, stopped) {
      const over = new AbortController();
      const signal = stopped ? AbortSignal.any([stopped, over.signal]) : over.signal;
      // Rejects when stopped, or when the bell was first: either ends the wait.
      await Promise.race([rung.promise, sleep(ms, undefined, { signal }).catch(() => undefined)]);
      over.abort();
      rung = Promise.withResolvers();
      const changes = heard;
      heard = new Set();
      return changes;
    },
  };
}
