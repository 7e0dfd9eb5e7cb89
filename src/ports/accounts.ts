import type { Account, AccountEntry } from "../domain/quota/account.ts";

/** An account and one job's entry in it; no entry: the job isn't counted, or not any more. */
export interface AccountChange {
  account: Account;
  entry: AccountEntry | undefined;
}

/** What the jobs of each owner take together, for all instances. */
export interface CallerAccounts {
  /**
   * Writes what `edit` makes of an account and the job's entry, both or neither, by compare-and-set; undefined: nothing. It is called again when somebody else
   * wrote meanwhile, and when an answer of storage was lost after the write, so it must change nothing when it meets its own
   * change. What it throws is thrown, and nothing written.
   */
  change(
    owner: string,
    jobId: string,
    edit: (found: AccountChange) => AccountChange | undefined,
  ): Promise<void>;
  read(owner: string): Promise<Account>;
  /** Jobs that are entered, in no order that matters. */
  entries(owner: string): Promise<{ jobId: string; entry: AccountEntry }[]>;
  /** Removes accounts of tokens that ended before the given time. */
  removeExpired(endedBefore: Date): Promise<void>;
}
