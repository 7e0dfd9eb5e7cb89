import type { CallerLimits } from "../../domain/quota/account.ts";
import { callerByKey, callerNamed } from "./api-key-authenticator.ts";

interface CallerLimitsSources {
  /** CALLER_LIMITS: by name, and `*` for all others. */
  settings: ReadonlyMap<string, CallerLimits>;
  /** The names of API_KEYS, which the table of callers doesn't have: they cost no look at it. */
  settingNames: Iterable<string>;
  table: { limitsOf(caller: string): Promise<CallerLimits | undefined> };
}

/** What a caller may take: as settings say of it by name, else as operators said, else as settings say of all others. */
export function callerLimitsOf({ settings, settingNames, table }: CallerLimitsSources) {
  const named = new Map([...settings].map(([name, limits]) => [callerNamed(name), limits]));
  const inSettings = new Set([...settingNames].map((name) => callerByKey(name)));
  return async (caller: string): Promise<CallerLimits | undefined> =>
    named.get(caller) ??
    (inSettings.has(caller) ? undefined : await table.limitsOf(caller)) ??
    settings.get("*");
}
