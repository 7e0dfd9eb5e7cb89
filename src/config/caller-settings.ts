import * as z from "zod";
import type { CallerLimits } from "../domain/quota/account.ts";
import { missingPrice, type Price } from "../domain/quota/prices.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Settings } from "./settings.ts";

const count = z.int().min(1).max(1_000_000);
const budget = z.strictObject({
  amount: z.number().min(0).max(1_000_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD"),
  period: z.enum(["day", "month"]),
});
const limitsSetting = z.record(
  z.string().min(1).max(128),
  z.strictObject({
    open_jobs: count.optional(),
    jobs_per_minute: count.optional(),
    budget: budget.optional(),
  }),
);

/** Caller id, or `*` for each that isn't named, to what it may take. None unless configured. */
export function readCallerLimits(
  settings: Settings,
  prices: readonly Price[],
  models: readonly string[],
): Map<string, CallerLimits> {
  const listed = settings.json("CALLER_LIMITS", limitsSetting) ?? {};
  for (const [caller, { budget: spending }] of Object.entries(listed))
    for (const model of spending ? new Set(models) : []) {
      // A job whose cost nobody knows could not be held against it.
      const missing = spending && missingPrice(prices, model, spending.currency);
      if (missing !== undefined) settings.problem(`CALLER_LIMITS.${caller}.budget ${missing}.`);
    }
  return new Map(
    Object.entries(listed).map(([caller, { open_jobs, jobs_per_minute, budget: spending }]) => [
      caller,
      withoutAbsent({
        openJobs: open_jobs,
        jobsPerMinute: jobs_per_minute,
        budget: spending && { ...spending, amount: Math.round(spending.amount * 1_000_000) },
      }),
    ]),
  );
}
