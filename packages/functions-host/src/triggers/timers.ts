import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../durable/clock.ts";
import { option } from "../functions.ts";
import type { LoadedFunction } from "../functions.ts";
import type { TriggerCall } from "../invoker.ts";
import { sleep } from "./queue-listener.ts";
import { callWithPolicy } from "./retry-policy.ts";
import type { TriggerParts } from "./trigger-parts.ts";
import { startTimer } from "./timer-listener.ts";
import type { ScheduleStatus } from "./timer-listener.ts";

/** Starts every timer function; what they remember is kept in the data folder. */
export function startTimers(
  { invoker, dataDirectory, environment, log, holdsSingleton }: TriggerParts,
  targets: readonly LoadedFunction[],
): (() => Promise<void>)[] {
  if (targets.length > 0 && environment["WEBSITE_TIME_ZONE"]) {
    log(
      "warning",
      "Host.Timers",
      "WEBSITE_TIME_ZONE is ignored by the local host: schedules are read as UTC.",
    );
  }
  return targets.map((target) => {
    const file = join(dataDirectory, "timers", `${target.name}.json`);
    const stopping = new AbortController();
    const stop = startTimer({
      clock: systemClock,
      schedule: option(target.trigger, "schedule") ?? "",
      runOnStartup: target.trigger["runOnStartup"] === true,
      useMonitor: target.trigger["useMonitor"] !== false,
      load: () => loadStatus(file),
      save: (status) => saveStatus(file, status),
      async run(payload) {
        // A process that was held up past its turn finds its timers due when it goes on; another has run them.
        if (!holdsSingleton()) return;
        const call = {
          data: { json: JSON.stringify(payload) },
          reason: `Timer fired at ${new Date().toISOString()}`,
        };
        const invoke = (each: TriggerCall) => invoker.invoke(target, each);
        const wait = async (milliseconds: number): Promise<void> => {
          await sleep(milliseconds, stopping.signal);
          stopping.signal.throwIfAborted();
        };
        // A failure is in the log already; the schedule goes on.
        await callWithPolicy(target.metadata.retryOptions, call, invoke, wait).catch(() => undefined);
      },
    });
    return async () => {
      stopping.abort();
      await stop();
    };
  });
}

function loadStatus(file: string): ScheduleStatus | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ScheduleStatus;
  } catch {
    // Losing it costs at most one notice of a missed run.
    return undefined;
  }
}

function saveStatus(file: string, status: ScheduleStatus): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(status));
  renameSync(`${file}.new`, file);
}
