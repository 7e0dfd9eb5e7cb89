import { expect, test } from "vitest";
import { createVirtualClock } from "../../../src/durable/virtual-clock.ts";
import { startTimer } from "../../../src/triggers/timer-listener.ts";
import type { ScheduleStatus, TimerParts } from "../../../src/triggers/timer-listener.ts";

const midnight = Date.UTC(2026, 0, 1);

interface Payload {
  IsPastDue: boolean;
  ScheduleStatus: ScheduleStatus | null;
}

function timer(options: Partial<TimerParts> & { stored?: ScheduleStatus }) {
  const clock = createVirtualClock(midnight);
  const runs: { at: string; payload: Payload }[] = [];
  const saved: ScheduleStatus[] = [];
  const stop = startTimer({
    clock,
    schedule: "0 0 * * * *",
    runOnStartup: false,
    useMonitor: true,
    load: () => options.stored,
    save: (status) => void saved.push(status),
    async run(payload) {
      runs.push({ at: new Date(clock.now()).toISOString(), payload: payload as Payload });
      await Promise.resolve();
    },
    ...options,
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const advance = async () => {
    await turn();
    clock.advance();
    await turn();
  };
  return { clock, runs, saved, stop, advance };
}

test("a timer runs at its times, one after the other", async () => {
  const { runs, advance } = timer({});
  await advance();
  await advance();
  expect(runs.map(({ at }) => at)).toEqual(["2026-01-01T01:00:00.000Z", "2026-01-01T02:00:00.000Z"]);
  expect(runs[0]?.payload).toMatchObject({
    IsPastDue: false,
    ScheduleStatus: { Next: "2026-01-01T01:00:00.000Z" },
  });
});

test("each run is remembered with the next one", async () => {
  const { saved, advance } = timer({});
  await advance();
  expect(saved.at(-1)).toMatchObject({ Last: "2026-01-01T01:00:00.000Z", Next: "2026-01-01T02:00:00.000Z" });
});

test("a run missed while nothing was running is made up for at once, marked as past due", async () => {
  const stored = {
    Last: "2025-12-31T20:00:00.000Z",
    Next: "2025-12-31T21:00:00.000Z",
    LastUpdated: "2025-12-31T20:00:00.000Z",
  };
  const { runs, advance } = timer({ stored });
  await advance();
  expect(runs.map(({ at, payload }) => [at, payload.IsPastDue])).toEqual([
    ["2026-01-01T00:00:00.000Z", true],
    ["2026-01-01T01:00:00.000Z", false],
  ]);
});

test("a timer that asks for it runs on startup", () => {
  const { runs } = timer({ runOnStartup: true });
  expect(runs).toMatchObject([{ at: "2026-01-01T00:00:00.000Z", payload: { IsPastDue: false } }]);
});

test("a timer more frequent than a minute is not monitored", async () => {
  const { runs, saved, advance } = timer({ schedule: "*/10 * * * * *" });
  await advance();
  expect(runs[0]?.payload.ScheduleStatus).toBeNull();
  expect(saved).toEqual([]);
});

test("a run never overlaps the one before: the next wait starts when it has ended", async () => {
  let finish = (): void => undefined;
  const started: number[] = [];
  const { clock, advance } = timer({
    run: () => {
      started.push(1);
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  await advance();
  expect(clock.advance()).toBe(false);
  finish();
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.advance()).toBe(true);
  expect(started).toHaveLength(2);
});

test("a stopped timer waits for the run under way and starts no other", async () => {
  const { clock, runs, stop, advance } = timer({});
  await advance();
  await stop();
  expect(clock.advance()).toBe(false);
  expect(runs).toHaveLength(1);
});
