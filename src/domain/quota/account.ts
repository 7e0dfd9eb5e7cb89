/** What one caller may take, together with the subjects of the tokens that its keys made. Absent: any number. */
export interface CallerLimits {
  openJobs?: number;
  jobsPerMinute?: number;
}

/** What the jobs of one owner take together. Plain JSON, written by compare-and-set. */
export interface Account {
  openJobs: number;
  /** The last minute in which a job came, counted from 1970, and how many did. */
  minute: number;
  jobsInMinute: number;
}

/** A job that is open, in its owner's account. */
export interface AccountEntry {
  /** Epoch milliseconds. */
  enteredAt: number;
}

export const emptyAccount: Account = { openJobs: 0, minute: 0, jobsInMinute: 0 };

/** Which limit a job would go beyond, and after how long it wouldn't; that is unknown of open jobs. */
export type OverLimit =
  | { limit: "openJobs"; quota: number }
  | { limit: "jobsPerMinute"; quota: number; resetMs: number };

const minuteMs = 60_000;

/** Counts one more job; or says why not. A minute is the clock's: it begins for all of a caller's jobs at once. */
export function enterJob(
  account: Account,
  limits: CallerLimits,
  now: number,
): { kind: "entered"; account: Account; entry: AccountEntry } | ({ kind: "refused" } & OverLimit) {
  const minute = Math.floor(now / minuteMs);
  const jobsInMinute = account.minute === minute ? account.jobsInMinute : 0;
  const { openJobs = Infinity, jobsPerMinute = Infinity } = limits;
  if (jobsInMinute >= jobsPerMinute)
    return {
      ...{ kind: "refused", limit: "jobsPerMinute", quota: jobsPerMinute },
      resetMs: (minute + 1) * minuteMs - now,
    };
  if (account.openJobs >= openJobs) return { kind: "refused", limit: "openJobs", quota: openJobs };
  return {
    kind: "entered",
    account: { ...account, openJobs: account.openJobs + 1, minute, jobsInMinute: jobsInMinute + 1 },
    entry: { enteredAt: now },
  };
}

/** Without one open job. What came in its minute came all the same. */
export function closeEntry(account: Account): Account {
  return { ...account, openJobs: Math.max(0, account.openJobs - 1) };
}
