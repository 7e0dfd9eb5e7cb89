import { parseTimeSpan } from "../time-span.ts";

/** When a timer runs next, strictly after a moment. Undefined when there is no such moment. */
export type Schedule = (after: Date) => Date | undefined;

interface Field {
  name: string;
  low: number;
  high: number;
  words?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const fields: readonly Field[] = [
  { name: "second", low: 0, high: 59 },
  { name: "minute", low: 0, high: 59 },
  { name: "hour", low: 0, high: 23 },
  { name: "day", low: 1, high: 31 },
  { name: "month", low: 1, high: 12, words: months },
  { name: "day of week", low: 0, high: 6, words: days },
];

// Leap days on a given weekday come every 28 years at most, and across a skipped leap year every 40.
const maxSearchDays = 41 * 366;

/**
 * Reads a timer's schedule: an NCRONTAB expression of six fields, `{second} {minute} {hour} {day} {month} {day of
 * week}`, one of five fields with second 0, or a TimeSpan (WJE Timers/). Times are UTC. Unlike in Unix cron, the
 * day of the month and the day of the week must both match.
 */
export function parseSchedule(text: string): Schedule {
  const span = parseTimeSpan(text);
  if (span !== undefined) {
    if (span === 0) throw new Error(`The schedule '${text}' has no length.`);
    return (after) => new Date(after.getTime() + span);
  }
  const parts = text.trim().split(/\s+/);
  const six = parts.length === 5 ? ["0", ...parts] : parts;
  if (six.length !== 6) throw new Error(`The schedule '${text}' is neither NCRONTAB nor a time span.`);
  const [seconds, minutes, hours, monthDays, monthNumbers, weekDays] = fields.map((field, index) =>
    parseField(six[index] ?? "", field, text),
  ) as [number[], number[], number[], number[], number[], number[]];

  const isDay = (day: Date): boolean =>
    monthNumbers.includes(day.getUTCMonth() + 1) &&
    monthDays.includes(day.getUTCDate()) &&
    weekDays.includes(day.getUTCDay());
  return (after) => {
    const from = new Date(Math.floor(after.getTime() / 1000) * 1000 + 1000);
    const day = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()));
    for (let searched = 0; searched < maxSearchDays; searched += 1) {
      if (isDay(day)) {
        const time = firstTime(from.getTime() - day.getTime(), hours, minutes, seconds);
        if (time !== undefined) return new Date(day.getTime() + time);
      }
      day.setUTCDate(day.getUTCDate() + 1);
    }
    return undefined;
  };
}

/** The first time of day, in milliseconds, that matches and is not before `earliest`. */
function firstTime(
  earliest: number,
  hours: number[],
  minutes: number[],
  seconds: number[],
): number | undefined {
  for (const hour of hours) {
    if ((hour + 1) * 3_600_000 <= earliest) continue;
    for (const minute of minutes) {
      if ((hour * 60 + minute + 1) * 60_000 <= earliest) continue;
      for (const second of seconds) {
        const time = ((hour * 60 + minute) * 60 + second) * 1000;
        if (time >= earliest) return time;
      }
    }
  }
  return undefined;
}

/** The sorted values one field allows: `*`, `5`, `1,2`, `1-5`, each with an optional step, and names. */
function parseField(text: string, field: Field, schedule: string): number[] {
  const wrong = () => new Error(`The schedule '${schedule}' has an invalid ${field.name} '${text}'.`);
  const number = (word: string): number => {
    const named = field.words?.indexOf(word.toLowerCase()) ?? -1;
    const value = named >= 0 ? named + field.low : /^\d+$/.test(word) ? Number(word) : NaN;
    if (!(value >= field.low && value <= field.high)) throw wrong();
    return value;
  };
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const [range = "", stepText, ...rest] = item.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (rest.length > 0 || !Number.isInteger(step) || step < 1) throw wrong();
    const [low, high] = range.split("-");
    const isAny = range === "*";
    const first = isAny ? field.low : number(low ?? "");
    // `5/10` means from 5 on, `5` means 5 alone.
    const last =
      isAny || (stepText !== undefined && high === undefined) ? field.high : number(high ?? low ?? "");
    if (last < first) throw wrong();
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}
