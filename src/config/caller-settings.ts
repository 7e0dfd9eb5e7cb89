import * as z from "zod";
import type { CallerLimits } from "../domain/quota/account.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Settings } from "./settings.ts";

const count = z.int().min(1).max(1_000_000);
const limitsSetting = z.record(
  z.string().min(1).max(128),
  z.strictObject({ open_jobs: count.optional(), jobs_per_minute: count.optional() }),
);

/** Caller id, or `*` for each that isn't named, to what it may take. None unless configured. */
export function readCallerLimits(settings: Settings): Map<string, CallerLimits> {
  const listed = settings.json("CALLER_LIMITS", limitsSetting) ?? {};
  return new Map(
    Object.entries(listed).map(([caller, { open_jobs, jobs_per_minute }]) => [
      caller,
      withoutAbsent({ openJobs: open_jobs, jobsPerMinute: jobs_per_minute }),
    ]),
  );
}
