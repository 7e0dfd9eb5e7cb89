import type { LiveJob } from "./live-job.ts";
import { asked } from "./slots.ts";

/** How the contact sheet is laid out: what is on it, by day, and how wide a strip may be. */

/** Every word of the query stands somewhere in the job's prompt or tags. */
export function matches({ job }: LiveJob, query: string): boolean {
  const text = [asked(job, "prompt"), ...(job.tags ?? [])].join(" ").toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export interface Day {
  name: string;
  /** Its first moment, in epoch milliseconds. */
  from: number;
  jobs: readonly LiveJob[];
}

/** Jobs in their order, under "Today", "Yesterday" or their date. */
export function byDay(jobs: readonly LiveJob[], now: number): Day[] {
  const days: { name: string; jobs: LiveJob[]; from: number }[] = [];
  for (const live of jobs) {
    const from = midnight(new Date(live.job.created_at));
    const last = days.at(-1);
    if (last?.from === from) last.jobs.push(live);
    else days.push({ name: dayName(live.job.created_at, now), jobs: [live], from });
  }
  return days;
}

export function dayName(iso: string, now: number): string {
  const date = new Date(iso);
  const today = new Date(now);
  const daysAgo = Math.round((midnight(today) - midnight(date)) / 86_400_000);
  if (daysAgo <= 0) return "Today";
  if (daysAgo === 1) return "Yesterday";
  const isThisYear = date.getFullYear() === today.getFullYear();
  return date.toLocaleDateString("en", {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(!isThisYear && { year: "numeric" }),
  });
}

const midnight = (date: Date): number => new Date(date).setHours(0, 0, 0, 0);

/** How many frames of a strip stand side by side: all of them, or as many as the sheet's width has room for. */
export function columnsFor(count: number, shape: number, width: number, rowHeight: number): number {
  const room = Math.max(1, Math.floor(width / (shape * rowHeight)));
  if (count <= room) return count;
  // Rows as even as they can be: 4 and 4, not 6 and 2.
  return Math.ceil(count / Math.ceil(count / room));
}

/** One picture of one job: what the address names, and what is compared. */
export interface FrameRef {
  id: string;
  index: number;
}

/** The frame before or after, across jobs in the order of the sheet; undefined at either end. */
export function neighbor(
  jobs: readonly LiveJob[],
  { id, index }: FrameRef,
  step: 1 | -1,
  slotsOfJob: (live: LiveJob) => number,
): FrameRef | undefined {
  const at = jobs.findIndex(({ job }) => job.id === id);
  const live = jobs[at];
  if (!live) return undefined;
  const next = index + step;
  if (next >= 0 && next < slotsOfJob(live)) return { id, index: next };
  const other = jobs[at + step];
  return other && { id: other.job.id, index: step > 0 ? 0 : slotsOfJob(other) - 1 };
}
