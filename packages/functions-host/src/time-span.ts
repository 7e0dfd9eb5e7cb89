const day = 86_400_000;

/** Writes milliseconds as a .NET TimeSpan, `[d.]hh:mm:ss[.fffffff]`. */
export function formatTimeSpan(milliseconds: number): string {
  const days = Math.floor(milliseconds / day);
  const time = new Date(milliseconds - days * day).toISOString().slice(11, 23);
  return `${days > 0 ? `${days}.` : ""}${time.endsWith(".000") ? time.slice(0, 8) : `${time}0000`}`;
}

/** Reads a .NET TimeSpan as milliseconds; undefined when it is none. */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text.trim());
  if (!match) return undefined;
  const [, days, hours, minutes, seconds, fraction] = match;
  const part = (value: string | undefined) => Number(value ?? 0);
  return (
    part(days) * day +
    part(hours) * 3_600_000 +
    part(minutes) * 60_000 +
    part(seconds) * 1000 +
    Math.floor(Number(`0.${fraction ?? "0"}`) * 1000)
  );
}
