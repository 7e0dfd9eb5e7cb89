import { setTimeout as sleep } from "node:timers/promises";
import type { JobStore } from "../ports/jobs.ts";

/** Tells activities that the job they work for has ended meanwhile: canceled, and perhaps deleted, on whatever instance. */
export interface CancellationWatcher {
  /** Aborted once the job has ended or is gone; to be released when it is no longer of interest. */
  watch(jobId: string): Watched;
}

interface Watched {
  signal: AbortSignal;
  release: () => void;
}

interface Shared {
  watchers: number;
  ended: AbortController;
  stopped: AbortController;
}

// A canceled call's connection is to be closed within two seconds.
const defaultPauseMs = 1_000;

/** All calls of one job on one instance share one look at its end. */
export function cancellationWatcher(
  jobs: Pick<JobStore, "hasEnded">,
  pauseMs = defaultPauseMs,
): CancellationWatcher {
  const watched = new Map<string, Shared>();

  async function look(jobId: string, { ended, stopped }: Shared): Promise<void> {
    while (!stopped.signal.aborted) {
      if (await hasEnded(jobId)) {
        ended.abort();
        return;
      }
      await sleep(pauseMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    }
  }

  /**
   * A job that was canceled and deleted between two looks has no end any more, nor anything else. Storage that is away for
   * a moment tells nothing of the job.
   */
  async function hasEnded(jobId: string): Promise<boolean> {
    try {
      return await jobs.hasEnded(jobId);
    } catch {
      return false;
    }
  }

  return {
    watch(jobId) {
      const shared = watched.get(jobId) ?? begin(jobId);
      shared.watchers += 1;
      return {
        signal: shared.ended.signal,
        release() {
          shared.watchers -= 1;
          if (shared.watchers > 0) return;
          shared.stopped.abort();
          watched.delete(jobId);
        },
      };
    },
  };

  function begin(jobId: string): Shared {
    const shared: Shared = {
      watchers: 0,
      ended: new AbortController(),
      stopped: new AbortController(),
    };
    watched.set(jobId, shared);
    void look(jobId, shared);
    return shared;
  }
}
