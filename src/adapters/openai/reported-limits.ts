import type { ReportedLimits } from "../../domain/quota/learnt-limits.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";

type HeadersLike = { get(name: string): string | null };

/**
 * What a reply's headers say of the service's limits; undefined when they say nothing. `x-ratelimit-limit-requests` and
 * `-limit-images` are counts per minute, `-reset-requests` is seconds or a duration such as `1s`, `6m0s` or `250ms` (OpenAI, rate limits in
 * headers; Azure sends the first in the same words).
 */
export function reportedLimits(headers: HeadersLike): ReportedLimits | undefined {
  const perMinute = (unit: string) => {
    const count = wholeNumber(headers.get(`x-ratelimit-limit-${unit}`));
    return count ? { count, windowMs: 60_000 } : undefined;
  };
  const [requests, images] = [perMinute("requests"), perMinute("images")];
  const left = wholeNumber(headers.get("x-ratelimit-remaining-requests"));
  const resetMs = durationMs(headers.get("x-ratelimit-reset-requests"));
  const remaining = left === undefined || resetMs === undefined ? undefined : { requests: left, resetMs };
  return (requests ?? images ?? remaining) && withoutAbsent({ requests, images, remaining });
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function durationMs(text: string | null): number | undefined {
  if (text === null || !/^(\d+(\.\d+)?(ms|h|m|s)?)+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)?/g);
  return [...parts].reduce(
    (sum, [, count, unit = "s"]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs],
    0,
  );
}
