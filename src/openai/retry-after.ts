// No job lives longer, and a timer takes no time without end.
const longestMs = 24 * 3_600_000;

/**
 * The wait that a reply asks for, in milliseconds, or 0 when it names none. `retry-after-ms` is the more exact and comes
 * first; `retry-after` is seconds or an HTTP date (RFC 9110, 10.2.3).
 */
export function retryAfterMs(headers: Headers, now: Date): number {
  const exact = decimal(headers.get("retry-after-ms"));
  if (exact > 0) return Math.min(longestMs, Math.ceil(exact));
  const text = headers.get("retry-after");
  const seconds = decimal(text);
  if (!Number.isNaN(seconds)) return Math.min(longestMs, Math.ceil(seconds * 1000));
  // The parser is generous and reads a date into many a text; the header's own form always ends in GMT.
  const date = text?.endsWith("GMT") ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? 0 : Math.min(longestMs, Math.max(0, date - now.getTime()));
}

/** NaN for whatever isn't written in plain digits, "Infinity" and "1e300" among it. */
function decimal(text: string | null): number {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}
