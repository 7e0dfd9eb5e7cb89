import { AppError } from "../domain/app-error.ts";
import { toUnits } from "../domain/quota/prices.ts";
import type { OverBudget, OverLimit } from "../domain/quota/account.ts";

// Some job of many will have ended by then.
const openRetrySeconds = 10;
const nothing = "Nothing was recorded.";

/** How a caller is told that one more job would go beyond a limit: `throttled`, or `budgetExceeded` with what is left. */
export function overLimit(refused: OverLimit, now: number): AppError {
  if (refused.limit === "budget") {
    const { renewsAt } = refused;
    return new AppError("budgetExceeded", `${budgetText(refused)} ${nothing}`, {
      ...(renewsAt !== undefined && { retryAfterSeconds: Math.ceil((renewsAt - now) / 1_000) }),
    });
  }
  const { quota } = refused;
  if (refused.limit === "openJobs") {
    const message = `You have ${quota} open jobs, and may have no more: wait until one has ended. ${nothing}`;
    return new AppError("throttled", message, {
      retryAfterSeconds: openRetrySeconds,
      rateLimit: { name: "open-jobs", quota },
    });
  }
  const resetSeconds = Math.max(1, Math.ceil(refused.resetMs / 1_000));
  const message = `You have had your ${quota} jobs of this minute; the next begins in ${resetSeconds} s. ${nothing}`;
  return new AppError("throttled", message, {
    retryAfterSeconds: resetSeconds,
    rateLimit: { name: "jobs-per-minute", quota, windowSeconds: 60, resetSeconds },
  });
}

/** What is left of a budget, and when it renews. */
export function budgetText({ budget, left, renewsAt }: OverBudget): string {
  const units = (micros: number) => `${toUnits(micros)} ${budget.currency}`;
  const what = budget.period === "token" ? "that this token may spend" : `of this ${budget.period}'s budget`;
  const renewal =
    renewsAt === undefined ? "it doesn't renew" : `it renews at ${new Date(renewsAt).toISOString()}`;
  return `Of the ${units(budget.amount)} ${what} ${units(left)} are left, which is not enough; ${renewal}.`;
}
