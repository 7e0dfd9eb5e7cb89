// No job lives longer, and a timer takes no time without end.
const maxRetryAfterMs = 24 * 3_600_000;

/**
 * The wait that a reply asks for, in milliseconds, or 0 when it names none. `retry-after-ms` is the more exact and comes
 * first; `retry-after` is seconds or an HTTP date (RFC 9110, 10.2.3).
 */
export function retryAfterMs(headers: { get(name: string): string | null }, now: Date): number {
  const exact = decimal(headers.get("retry-after-ms"));
  if (exact > 0) return Math.min(maxRetryAfterMs, Math.ceil(exact));
  const text = headers.get("retry-after");
  const seconds = decimal(text);
  if (!Number.isNaN(seconds)) return Math.min(maxRetryAfterMs, Math.ceil(seconds * 1000));
  const date = httpDate(text);
  // By the service's own clock where it tells it: ours may be minutes off.
  const serverDate = httpDate(headers.get("date"));
  const wait = date - (Number.isNaN(serverDate) ? now.getTime() : serverDate);
  return Number.isNaN(wait) ? 0 : Math.min(maxRetryAfterMs, Math.max(0, wait));
}

/** Epoch milliseconds. The parser is generous and reads a date into many a text; the header's own form ends in GMT. */
function httpDate(text: string | null): number {
  return text?.endsWith("GMT") ? Date.parse(text) : NaN;
}

/** NaN for whatever isn't written in plain digits, "Infinity" and "1e300" among it. */
function decimal(text: string | null): number {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}
