import { type Budget, periodOf, renewalOf } from "./budget.ts";
import type { Micros } from "./prices.ts";

/** What one caller may take, together with the subjects of the tokens that its keys made. Absent: any number. */
export interface CallerLimits {
  openJobs?: number;
  jobsPerMinute?: number;
  budget?: Budget;
}

/** What the jobs of one owner take together. Plain JSON, written by compare-and-set. */
export interface Account {
  openJobs: number;
  /** The last minute in which a job came, counted from 1970, and how many did. */
  minute: number;
  jobsInMinute: number;
  /** In which `spent` was: a day or a month. */
  period: string;
  spent: Micros;
  /** What open jobs may cost, whenever they came. */
  reserved: Micros;
}

/** A job that is open, in its owner's account. */
export interface AccountEntry {
  /** Epoch milliseconds. */
  enteredAt: number;
  reserved: Micros;
  /** By call: how many of its sends were reserved beyond the first, each while those before it were in doubt. */
  repeats: Readonly<Record<number, number>>;
}

const tokenPrefix = "token ";

/** The account of one token's jobs. Names sort by the token's end, and are no owner's. */
export function tokenAccountName({ id, expiresAt }: { id: string; expiresAt: string }): string {
  return `${tokenPrefix}${expiresAt} ${id}`;
}

export const isTokenAccount = (name: string): boolean => name.startsWith(tokenPrefix);

export const emptyAccount: Account = {
  openJobs: 0,
  minute: 0,
  jobsInMinute: 0,
  period: "",
  spent: 0,
  reserved: 0,
};

/** Which limit a job would go beyond, and after how long it wouldn't; that is unknown of open jobs. */
export type OverLimit =
  | { limit: "openJobs"; quota: number }
  | { limit: "jobsPerMinute"; quota: number; resetMs: number }
  | OverBudget;

export interface BudgetState {
  budget: Budget;
  /** In this period, by jobs that have ended. */
  spent: Micros;
  /** By jobs that are open. */
  reserved: Micros;
  left: Micros;
  /** Epoch milliseconds; absent: it doesn't. */
  renewsAt: number | undefined;
}

export interface OverBudget extends BudgetState {
  limit: "budget";
}

const minuteMs = 60_000;

/** Counts one more job, and reserves what it may cost; or says why not. A minute is the clock's. */
export function enterJob(
  before: Account,
  limits: CallerLimits,
  cost: Micros,
  now: number,
): { kind: "entered"; account: Account; entry: AccountEntry } | ({ kind: "refused" } & OverLimit) {
  const account = inPeriod(before, limits.budget, now);
  const minute = Math.floor(now / minuteMs);
  const jobsInMinute = account.minute === minute ? account.jobsInMinute : 0;
  const { openJobs = Infinity, jobsPerMinute = Infinity } = limits;
  if (jobsInMinute >= jobsPerMinute)
    return {
      ...{ kind: "refused", limit: "jobsPerMinute", quota: jobsPerMinute },
      resetMs: (minute + 1) * minuteMs - now,
    };
  if (account.openJobs >= openJobs) return { kind: "refused", limit: "openJobs", quota: openJobs };
  const over = overBudget(account, limits.budget, cost, now);
  if (over) return { kind: "refused", ...over };
  return {
    kind: "entered",
    account: {
      ...account,
      openJobs: account.openJobs + 1,
      minute,
      jobsInMinute: jobsInMinute + 1,
      reserved: account.reserved + cost,
    },
    entry: { enteredAt: now, reserved: cost, repeats: {} },
  };
}

/**
 * Reserves one more send of a call while `inDoubt` earlier ones may have been billed; asked again for the same send it changes nothing.
 */
export function reserveRepeat(
  before: Account,
  entry: AccountEntry,
  { call, inDoubt, cost, budget }: { call: number; inDoubt: number; cost: Micros; budget: Budget },
  now: number,
): { kind: "reserved"; account: Account; entry: AccountEntry } | ({ kind: "refused" } & OverBudget) {
  const account = inPeriod(before, budget, now);
  if ((entry.repeats[call] ?? 0) >= inDoubt) return { kind: "reserved", account, entry };
  const over = overBudget(account, budget, cost, now);
  if (over) return { kind: "refused", ...over };
  return {
    kind: "reserved",
    account: { ...account, reserved: account.reserved + cost },
    entry: { ...entry, reserved: entry.reserved + cost, repeats: { ...entry.repeats, [call]: inDoubt } },
  };
}

/** Without one open job: what it had reserved is free again, but for what it spent. What came in its minute came all the same. */
export function closeEntry(
  before: Account,
  entry: AccountEntry,
  { spent, budget }: { spent: Micros; budget: Budget | undefined },
  now: number,
): Account {
  const account = inPeriod(before, budget, now);
  return {
    ...account,
    openJobs: Math.max(0, account.openJobs - 1),
    spent: account.spent + spent,
    reserved: Math.max(0, account.reserved - entry.reserved),
  };
}

/** A new period begins with nothing spent. What is reserved is paid in the period in which its job ends. */
function inPeriod(account: Account, budget: Budget | undefined, now: number): Account {
  if (!budget) return account;
  const period = periodOf(budget, now);
  return account.period === period ? account : { ...account, period, spent: 0 };
}

function overBudget(
  account: Account,
  budget: Budget | undefined,
  cost: Micros,
  now: number,
): OverBudget | undefined {
  const state = budget && stateOfBudget(account, budget, now);
  return state && cost > state.left ? { limit: "budget", ...state } : undefined;
}

export function stateOfBudget(account: Account, budget: Budget, now: number): BudgetState {
  const { spent, reserved } = inPeriod(account, budget, now);
  const left = Math.max(0, budget.amount - spent - reserved);
  return { budget, spent, reserved, left, renewsAt: renewalOf(budget, now) };
}
