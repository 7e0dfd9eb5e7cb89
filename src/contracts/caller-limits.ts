import * as z from "zod";
import type { CallerLimits } from "../domain/quota/account.ts";
import { toMicros, toUnits } from "../domain/quota/prices.ts";
import { withoutAbsent } from "../domain/without-absent.ts";

/** Money in requests and settings, in units of its currency; inside it is counted in millionths. */

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD")
  .meta({ description: "ISO 4217.", examples: ["USD"] });

export const amountOfMoney = z.number().min(0).max(1_000_000_000);

const count = z.int().min(1).max(1_000_000).optional();

/** An entry of CALLER_LIMITS, and what operators set. */
export const callerLimits = z
  .strictObject({
    open_jobs: count.meta({ description: "Jobs that have not ended." }),
    jobs_per_minute: count.meta({ description: "Jobs that come in a minute of the clock." }),
    budget: z
      .strictObject({ amount: amountOfMoney, currency, period: z.enum(["day", "month"]) })
      .optional()
      .meta({ description: "The most that its jobs may cost in a day or a month (UTC), by PRICES." }),
  })
  .meta({ id: "CallerLimits", description: "What a caller may take. Without: any number." });
export type CallerLimitsBody = z.infer<typeof callerLimits>;

export function toCallerLimits({ open_jobs, jobs_per_minute, budget }: CallerLimitsBody): CallerLimits {
  return withoutAbsent({
    openJobs: open_jobs,
    jobsPerMinute: jobs_per_minute,
    budget: budget && { ...budget, amount: toMicros(budget.amount) },
  });
}

export function showCallerLimits({ openJobs, jobsPerMinute, budget }: CallerLimits): CallerLimitsBody {
  // Only a token's period is another one, and that is no caller's.
  const period = budget?.period === "month" ? ("month" as const) : ("day" as const);
  return withoutAbsent({
    open_jobs: openJobs,
    jobs_per_minute: jobsPerMinute,
    budget: budget && { amount: toUnits(budget.amount), currency: budget.currency, period },
  });
}
