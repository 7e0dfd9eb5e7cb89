import * as z from "zod";
import { callerLimits, toCallerLimits } from "../contracts/caller-limits.ts";
import type { CallerLimits } from "../domain/quota/account.ts";
import { missingPrice, type Price } from "../domain/quota/prices.ts";
import type { Settings } from "./settings.ts";

const limitsSetting = z.record(z.string().min(1).max(128), callerLimits);

/** Caller id, or `*` for each that isn't named, to what it may take. None unless configured. */
export function readCallerLimits(
  settings: Settings,
  prices: readonly Price[],
  models: readonly string[],
): Map<string, CallerLimits> {
  const listed = settings.json("CALLER_LIMITS", limitsSetting) ?? {};
  for (const [caller, { budget }] of Object.entries(listed))
    for (const model of budget ? new Set(models) : []) {
      // A job whose cost nobody knows could not be held against it.
      const missing = budget && missingPrice(prices, model, budget.currency);
      if (missing !== undefined) settings.problem(`CALLER_LIMITS.${caller}.budget ${missing}.`);
    }
  return new Map(Object.entries(listed).map(([caller, limits]) => [caller, toCallerLimits(limits)]));
}
