/**
 * The wait that a reply asks for, in milliseconds, or 0 when it names none. `retry-after-ms` is the more exact and comes
 * first; `retry-after` is seconds or an HTTP date (RFC 9110, 10.2.3).
 */
export function retryAfterMs(headers: Headers, now: Date): number {
  const exact = Number(headers.get("retry-after-ms") ?? NaN);
  if (exact > 0) return Math.ceil(exact);
  const text = headers.get("retry-after");
  if (text === null) return 0;
  const seconds = Number(text);
  if (!Number.isNaN(seconds)) return Math.max(0, Math.ceil(seconds * 1000));
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now.getTime());
}
