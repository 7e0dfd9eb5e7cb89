import { setTimeout as sleep } from "node:timers/promises";
import type { CancellationNotices } from "../ports/cancellations.ts";
import type { Clock } from "../ports/clock.ts";
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
  unlisten: () => void;
  lookAt: number;
}

interface Dependencies {
  jobs: Pick<JobStore, "hasEnded" | "listen">;
  notices: Pick<CancellationNotices, "since">;
  clock: Clock;
}

interface Pauses {
  /** Between two looks at the notices: a canceled call's connection is to be closed within a second. */
  noticesMs: number;
  /** Between two looks at one job: its notice may have been lost, or it ended in another way. */
  jobMs: number;
}

const defaultPauses: Pauses = { noticesMs: 500, jobMs: 10_000 };
// What another instance's clock may be behind, and what a look may be late.
const overlapMs = 30_000;

/**
 * What this instance writes ends its watchers at once. What others write is found in the notices of cancellations, one request
 * for all jobs that are watched here; and, should a notice be lost, by a look at each job now and then.
 */
export function cancellationWatcher(
  { jobs, notices, clock }: Dependencies,
  { noticesMs, jobMs }: Pauses = defaultPauses,
): CancellationWatcher {
  const watched = new Map<string, Shared>();
  let isLooking = false;

  const now = () => clock.now().getTime();

  async function look(): Promise<void> {
    isLooking = true;
    while (watched.size > 0) {
      await sleep(noticesMs, undefined, { ref: false });
      if (watched.size === 0) break;
      for (const jobId of await asFarAsKnown(() => notices.since(new Date(now() - overlapMs)), []))
        watched.get(jobId)?.ended.abort();
      const due = [...watched].filter(([, { ended, lookAt }]) => !ended.signal.aborted && lookAt <= now());
      await Promise.all(due.map(([jobId, shared]) => lookAtJob(jobId, shared)));
    }
    isLooking = false;
  }

  /** A job that was canceled and deleted between two looks has no end any more, nor anything else. */
  async function lookAtJob(jobId: string, shared: Shared): Promise<void> {
    shared.lookAt = now() + jobMs;
    if (await asFarAsKnown(() => jobs.hasEnded(jobId), false)) shared.ended.abort();
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
          shared.unlisten();
          watched.delete(jobId);
        },
      };
    },
  };

  function begin(jobId: string): Shared {
    const ended = new AbortController();
    const unlisten = jobs.listen(jobId, (change) => {
      if (change === "end") ended.abort();
    });
    const shared: Shared = { watchers: 0, ended, unlisten, lookAt: now() + jobMs };
    watched.set(jobId, shared);
    if (!isLooking) void look();
    return shared;
  }
}

/** Storage that is away for a moment tells nothing of a job. */
async function asFarAsKnown<T>(ask: () => Promise<T>, unknown: T): Promise<T> {
  try {
    return await ask();
  } catch {
    return unknown;
  }
}
