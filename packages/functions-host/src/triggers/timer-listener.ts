import type { Clock } from "../durable/clock.ts";
import { parseSchedule } from "./schedule.ts";

/** What the host remembers of a timer between runs, in the names the payload uses. */
export interface ScheduleStatus {
  Last: string;
  Next: string;
  LastUpdated: string;
}

export interface TimerParts {
  clock: Clock;
  schedule: string;
  runOnStartup: boolean;
  /** Whether to remember runs, and so notice one that was missed. Null for a timer too frequent to bother. */
  useMonitor: boolean;
  load(): ScheduleStatus | undefined;
  save(status: ScheduleStatus): void;
  /** Runs the function; its failures are its own business and never stop the schedule. */
  run(payload: object): Promise<void>;
}

// Monitoring is off below a minute (WJE Timers/TimerListener.cs).
const minMonitoredMs = 60_000;
const never = "0001-01-01T00:00:00";

/**
 * Runs a timer function on its schedule: never twice at a time, the next wait starting when a run has ended, and
 * once on startup if a run was missed while nothing was running. Returns the function that stops it.
 */
export function startTimer(parts: TimerParts): () => Promise<void> {
  const { clock } = parts;
  const next = parseSchedule(parts.schedule);
  let cancel: () => void = () => undefined;
  let running = Promise.resolve();
  let stopped = false;
  const now = () => new Date(clock.now());

  const first = next(now());
  const gap = first && next(first);
  const monitored = parts.useMonitor && (!first || !gap || gap.getTime() - first.getTime() >= minMonitoredMs);
  let status = monitored ? (parts.load() ?? newStatus(never, first, now())) : undefined;

  const runAt = async (due: Date, isPastDue: boolean): Promise<void> => {
    await parts.run(timerPayload(status, isPastDue));
    if (!status) return;
    status = newStatus(due.toISOString(), next(now()), now());
    parts.save(status);
  };
  const wait = (): void => {
    const due = next(now());
    if (!due || stopped) return;
    cancel = clock.setTimer(due.getTime(), () => start(due, false));
  };
  const start = (due: Date, isPastDue: boolean): void => {
    running = runAt(due, isPastDue).then(wait);
  };

  const missed = status && Date.parse(status.Next) < clock.now();
  if (status && !missed) parts.save(status);
  if (missed || parts.runOnStartup) start(now(), missed === true);
  else wait();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}

function newStatus(last: string, next: Date | undefined, now: Date): ScheduleStatus {
  return { Last: last, Next: next?.toISOString() ?? never, LastUpdated: now.toISOString() };
}

/** What a timer function receives; the library turns the names into camel case. */
export function timerPayload(status: ScheduleStatus | undefined, isPastDue: boolean): object {
  return { Schedule: { AdjustForDST: true }, ScheduleStatus: status ?? null, IsPastDue: isPastDue };
}
