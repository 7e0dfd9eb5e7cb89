import { inBatches } from "../async/in-batches.ts";
import { AppError } from "../domain/app-error.ts";
import { around } from "../domain/around.ts";
import { ownerOf } from "../domain/identity.ts";
import { isTerminal } from "../domain/image-job.ts";
import { type CallerLimits, closeEntry, enterJob, type OverLimit } from "../domain/quota/account.ts";
import type { CallerAccounts } from "../ports/accounts.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { JobRecord } from "../ports/records.ts";
import { withDecidedEnd } from "./find-job.ts";

/** Counts jobs against what their owners may take. */
export interface JobAccounts {
  /**
   * Counts a job that is about to be accepted, and returns how to take that back. Counted before the job is recorded: a
   * crash in between costs its owner one open job for ten minutes, and never lets it have one more. Throws `throttled`.
   */
  enter(job: JobRecord): Promise<{ leave: () => Promise<void> }>;
  /** Of a job that has ended; one that isn't counted is left alone. */
  close(job: JobRecord): Promise<void>;
}

interface JobAccountsDeps {
  accounts: CallerAccounts;
  /** By the owner; undefined: none. */
  limitsOf: (owner: string) => CallerLimits | undefined;
  jobs: Pick<JobStore, "read" | "readProgress">;
  clock: Clock;
}

const uncounted = { leave: async () => {} };
// A request needs milliseconds from its entry to its record.
const unrecordedMs = 10 * 60_000;
// A refused caller may ask again at once, a thousand times: those who didn't close their jobs have died, and are few.
const closeEveryMs = 5_000;
const lookedAtOnce = 16;

export function jobAccounts({ accounts, limitsOf, jobs, clock }: JobAccountsDeps): JobAccounts {
  const closedAt = new Map<string, number>();

  async function leave(owner: string, jobId: string): Promise<void> {
    await accounts.change(owner, jobId, ({ account, entry }) =>
      entry ? { account: closeEntry(account), entry: undefined } : undefined,
    );
  }

  async function take(owner: string, jobId: string, limits: CallerLimits): Promise<OverLimit | undefined> {
    let refused: OverLimit | undefined;
    await accounts.change(owner, jobId, ({ account, entry }) => {
      refused = undefined;
      // Written before, and the answer was lost.
      if (entry) return undefined;
      const decision = enterJob(account, limits, clock.now().getTime());
      if (decision.kind === "entered") return decision;
      refused = decision;
      return undefined;
    });
    return refused;
  }

  /** Closes what its process didn't live to close. True when that was looked for. */
  async function closeEnded(owner: string): Promise<boolean> {
    const now = clock.now().getTime();
    if (now < (closedAt.get(owner) ?? 0) + closeEveryMs) return false;
    closedAt.set(owner, now);
    await inBatches(await accounts.entries(owner), lookedAtOnce, async ({ jobId, entry: { enteredAt } }) => {
      const job = await jobs.read(jobId);
      if (!job && now < enteredAt + unrecordedMs) return;
      const isOpen = job && !isTerminal(withDecidedEnd(job, await jobs.readProgress(jobId)).status);
      if (!isOpen) await leave(owner, jobId);
    });
    return true;
  }

  return {
    async enter(job) {
      const owner = ownerOf(job.caller);
      const limits = limitsOf(owner);
      if (!limits || isTerminal(job.status)) return uncounted;
      let refused = await take(owner, job.id, limits);
      if (refused?.limit === "openJobs" && (await closeEnded(owner)))
        refused = await take(owner, job.id, limits);
      if (refused) throw overLimit(refused);
      return { leave: () => leave(owner, job.id) };
    },
    async close({ id, caller }) {
      const owner = ownerOf(caller);
      if (limitsOf(owner)) await leave(owner, id);
    },
  };
}

/** Jobs whose end closes their entry. An entry that couldn't be closed is passed to `warn`, and found when the account is full. */
export function accountedJobs(
  store: JobStore,
  { close, warn }: Pick<JobAccounts, "close"> & { warn: (jobId: string, error: unknown) => void },
): JobStore {
  return around(store, {
    async end(jobId, conclude) {
      const ended = await store.end(jobId, conclude);
      try {
        if (ended) await close(ended.job);
      } catch (error) {
        warn(jobId, error);
      }
      return ended;
    },
  });
}

// Some job of many will have ended by then.
const openRetrySeconds = 10;

function overLimit(refused: OverLimit): AppError {
  const { quota } = refused;
  if (refused.limit === "openJobs") {
    const message = `You have ${quota} open jobs, and may have no more: wait until one has ended. Nothing was recorded.`;
    return new AppError("throttled", message, {
      retryAfterSeconds: openRetrySeconds,
      rateLimit: { name: "open-jobs", quota },
    });
  }
  const resetSeconds = Math.max(1, Math.ceil(refused.resetMs / 1_000));
  const message = `You have had your ${quota} jobs of this minute; the next begins in ${resetSeconds} s. Nothing was recorded.`;
  return new AppError("throttled", message, {
    retryAfterSeconds: resetSeconds,
    rateLimit: { name: "jobs-per-minute", quota, windowSeconds: 60, resetSeconds },
  });
}
