import { inBatches } from "../async/in-batches.ts";
import { AppError, errorInfo, type ErrorInfo } from "../domain/app-error.ts";
import { around } from "../domain/around.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { ownerOf, type Spend, type TokenGrant } from "../domain/identity.ts";
import { isTerminal } from "../domain/image-job.ts";
import { planCalls, type PlannedCall } from "../domain/plan-calls.ts";
import {
  type CallerLimits,
  closeEntry,
  enterJob,
  type BudgetState,
  type OverBudget,
  reserveRepeat,
  stateOfBudget,
  tokenAccountName,
} from "../domain/quota/account.ts";
import { spentOn } from "../domain/quota/budget.ts";
import { estimatedCost, type Micros } from "../domain/quota/prices.ts";
import type { CallerAccounts } from "../ports/accounts.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { JobProgress, JobRecord, SpendCap } from "../ports/records.ts";
import { withDecidedEnd } from "./find-job.ts";
import { budgetText, overLimit } from "./over-limit.ts";

/** Counts jobs, and what they may cost, against what their owners may take. */
export interface JobAccounts {
  /**
   * Counts a job that is about to be accepted, reserves what it may cost, and returns how to take that back. Before the job is
   * recorded: a crash in between costs its owner that much for ten minutes, and never lets it have more. Throws `throttled`, and
   * `budgetExceeded` when less is left.
   */
  enter(job: JobRecord): Promise<{ leave: () => Promise<void> }>;
  /** Throws what `enter` would throw, and counts nothing. */
  check(job: JobRecord): Promise<void>;
  /** Of a job that has ended: counts what it spent. One that isn't counted is left alone. */
  close(job: JobRecord): Promise<void>;
  /**
   * Reserves that a call is sent again while earlier sends of it may have been billed. Asked again for the same send it reserves
   * nothing more. Returns why it may not be sent; undefined when it may.
   */
  reserveRepeat(job: JobRecord, repeat: RepeatedCall): Promise<ErrorInfo | undefined>;
  /** What is left to a caller, or to the token that they came with; undefined where nothing limits it. */
  budgetOf(caller: string, token: TokenGrant | undefined): Promise<BudgetState | undefined>;
}

interface RepeatedCall {
  call: number;
  images: number;
  /** How many sends are in doubt. */
  inDoubt: number;
}

interface JobAccountsDeps {
  accounts: CallerAccounts;
  /** By the owner; undefined: none. */
  limitsOf: (owner: string) => Promise<CallerLimits | undefined>;
  jobs: Pick<JobStore, "read" | "readProgress">;
  clock: Clock;
  offers: readonly ResolvedDeployment[];
}

interface JobAccount {
  name: string;
  limits: CallerLimits;
}

const nothingDone: JobProgress = { slots: [], calls: [] };
const notSentAgain = "The call was sent before, may have been billed, and is not sent again.";
// A request needs milliseconds from its entry to its record.
const unrecordedMs = 10 * 60_000;
// A refused caller may ask again at once, a thousand times: those who didn't close their jobs have died, and are few.
const closeEveryMs = 5_000;
const lookedAtOnce = 16;

export function jobAccounts({ accounts, limitsOf, jobs, clock, offers }: JobAccountsDeps): JobAccounts {
  const closedAt = new Map<string, number>();
  const now = () => clock.now().getTime();

  /** Those that a job is counted in. A token's comes first: what it may not spend is no job of its owner's. */
  async function accountsOf({ caller, spendCap }: JobRecord): Promise<JobAccount[]> {
    const name = ownerOf(caller);
    const limits = await limitsOf(name);
    return [...(spendCap ? [accountOfToken(spendCap)] : []), ...(limits ? [{ name, limits }] : [])];
  }

  async function leave({ name, limits: { budget } }: JobAccount, jobId: string, spent: Micros) {
    await accounts.change(name, jobId, ({ account, entry }) =>
      entry ? { account: closeEntry(account, entry, { spent, budget }, now()), entry: undefined } : undefined,
    );
  }

  /** Throws when the job would go beyond a limit. */
  async function take({ name, limits }: JobAccount, job: JobRecord, isDry: boolean): Promise<void> {
    const cost = limits.budget ? costOf(job, limits.budget.currency) : 0;
    await accounts.change(name, job.id, ({ account, entry }) => {
      // Written before, and the answer was lost.
      if (entry) return undefined;
      const decision = enterJob(account, limits, cost, now());
      if (decision.kind === "refused") throw overLimit(decision, now());
      return isDry ? undefined : decision;
    });
  }

  async function takeOrMakeRoom(account: JobAccount, job: JobRecord, isDry = false): Promise<void> {
    try {
      await take(account, job, isDry);
    } catch (error) {
      const isFull = error instanceof AppError && error.rateLimit?.windowSeconds === undefined;
      if (!isFull || !(await closeEnded(account))) throw error;
      await take(account, job, isDry);
    }
  }

  async function reserve({ name }: JobAccount, jobId: string, repeat: Parameters<typeof reserveRepeat>[2]) {
    let refused: OverBudget | undefined;
    await accounts.change(name, jobId, ({ account, entry }) => {
      refused = undefined;
      // Accepted before there was a budget.
      if (!entry) return undefined;
      const decision = reserveRepeat(account, entry, repeat, now());
      if (decision.kind === "reserved") return decision;
      refused = decision;
      return undefined;
    });
    return refused;
  }

  async function closeOver(account: JobAccount, job: JobRecord, { slots, calls }: JobProgress) {
    const made = slots.flatMap((slot) => (slot.state === "stored" || slot.file ? [slot.index] : []));
    const spent = job.price ? spentOn(job.price, { plan: planOf(job, offers), calls, made }) : 0;
    await leave(account, job.id, spent);
  }

  /** Closes what its process didn't live to close. True when that was looked for. */
  async function closeEnded(account: JobAccount): Promise<boolean> {
    const { name } = account;
    const lookedAt = now();
    if (lookedAt < (closedAt.get(name) ?? 0) + closeEveryMs) return false;
    closedAt.set(name, lookedAt);
    await inBatches(await accounts.entries(name), lookedAtOnce, async ({ jobId, entry }) => {
      const job = await jobs.read(jobId);
      // It was never recorded, so it was never sent: a job is closed before it is removed.
      if (!job && lookedAt >= entry.enteredAt + unrecordedMs) await leave(account, jobId, 0);
      if (!job) return;
      const progress = await jobs.readProgress(jobId);
      if (isTerminal(withDecidedEnd(job, progress).status)) await closeOver(account, job, progress);
    });
    return true;
  }

  return {
    async enter(job) {
      const taken: JobAccount[] = [];
      const leaveAll = async () => {
        for (const account of taken) await leave(account, job.id, 0);
      };
      try {
        for (const account of isTerminal(job.status) ? [] : await accountsOf(job)) {
          await takeOrMakeRoom(account, job);
          taken.push(account);
        }
      } catch (error) {
        await leaveAll();
        throw error;
      }
      return { leave: leaveAll };
    },
    async check(job) {
      for (const account of await accountsOf(job)) await takeOrMakeRoom(account, job, true);
    },
    async close(job) {
      const counted = await accountsOf(job);
      const isPaid = counted.some(({ limits }) => limits.budget);
      const progress = isPaid ? await jobs.readProgress(job.id) : nothingDone;
      for (const account of counted) await closeOver(account, job, progress);
    },
    async reserveRepeat(job, { call, images, inDoubt }) {
      const cost = job.price && estimatedCost(job.price, images);
      for (const counted of await accountsOf(job)) {
        const { budget } = counted.limits;
        if (!budget || cost === undefined) continue;
        const repeat = { call, inDoubt, cost, budget };
        let refused = await reserve(counted, job.id, repeat);
        if (refused && (await closeEnded(counted))) refused = await reserve(counted, job.id, repeat);
        if (refused) return errorInfo("budgetExceeded", `${budgetText(refused)} ${notSentAgain}`);
      }
      return undefined;
    },
    async budgetOf(caller, token) {
      // What its owner may spend is nothing that a token tells.
      const ofToken = token?.maxSpend && accountOfToken(spendCapOf(token.maxSpend, token));
      const { name, limits } = ofToken ?? {
        name: caller,
        limits: token ? undefined : await limitsOf(caller),
      };
      return limits?.budget && stateOfBudget(await accounts.read(name), limits.budget, now());
    },
  };
}

/** A job that remembers what its token may spend: a call that is sent again asks as well. */
export function withSpendCap(job: JobRecord, token: TokenGrant | undefined): JobRecord {
  return token?.maxSpend ? { ...job, spendCap: spendCapOf(token.maxSpend, token) } : job;
}

function spendCapOf(maxSpend: Spend, { id, expiresAt }: TokenGrant): SpendCap {
  return { ...maxSpend, tokenId: id, expiresAt };
}

function accountOfToken({ tokenId, expiresAt, amount, currency }: SpendCap): JobAccount {
  const budget = { amount, currency, period: "token" } as const;
  return { name: tokenAccountName({ id: tokenId, expiresAt }), limits: { budget } };
}

/** The most that a job costs. Throws `budgetExceeded` where nobody knows: it couldn't be held against a budget. */
function costOf({ price, request, model }: JobRecord, currency: string): Micros {
  const cost = price?.currency === currency ? estimatedCost(price, request.n) : undefined;
  if (cost !== undefined) return cost;
  throw new AppError(
    "budgetExceeded",
    `${model} has no price in ${currency}, so that nothing can be spent on it.`,
  );
}

function planOf({ deployment, request }: JobRecord, offers: readonly ResolvedDeployment[]): PlannedCall[] {
  const offer = offers.find((one) => one.deployment.name === deployment);
  return planCalls(request.n, request.stream ? 1 : (offer?.capability.imagesPerCall ?? 1));
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
