import { expect, test } from "vitest";
import { readOrchestrator } from "../../../src/durable/actions.ts";
import type { Action } from "../../../src/durable/actions.ts";
import { EventType, historyEvent } from "../../../src/durable/history.ts";
import type { EventBody } from "../../../src/durable/history.ts";
import { decide } from "../../../src/durable/shim.ts";

const start = Date.UTC(2026, 0, 1);
const started: EventBody = {
  EventType: EventType.ExecutionStarted,
  OrchestrationInstance: { InstanceId: "one", ExecutionId: "e" },
  ParentInstance: null,
  Name: "main",
  Version: null,
  Input: null,
  Tags: null,
};
const scheduled = (EventId: number, Name = "work"): EventBody => ({
  EventType: EventType.TaskScheduled,
  EventId,
  Name,
  Version: null,
  Input: null,
});
const completed = (TaskScheduledId: number): EventBody => ({
  EventType: EventType.TaskCompleted,
  TaskScheduledId,
  Result: "1",
});

function decideOn(events: EventBody[], actions: Action[], isDone = false) {
  return decide({
    name: "main",
    history: [{ EventType: EventType.OrchestratorStarted } as const, started, ...events].map((each) =>
      historyEvent(each, start),
    ),
    result: { state: { isDone, actions, output: "out" } },
    maximumShortTimer: 1000,
    longTimerInterval: 400,
    requireFunction: () => undefined,
  });
}

const call: Action = { actionType: 0, functionName: "work" };

test("a first episode starts its first action only", () => {
  expect(decideOn([], [call, call]).started).toMatchObject([{ kind: "activity", id: 0 }]);
});

test("an action whose predecessor is done is new work, and what the history knows is not", () => {
  expect(decideOn([scheduled(0), completed(0)], [call, call]).started).toMatchObject([{ id: 1 }]);
});

test("a second completion of the same task changes nothing", () => {
  const once = decideOn([scheduled(0), completed(0)], [call, call]);
  expect(decideOn([scheduled(0), completed(0), completed(0)], [call, call])).toEqual(once);
});

test("an instance is not complete while the history lacks the end of a task", () => {
  expect(decideOn([scheduled(0)], [call], true).completion).toBeUndefined();
  expect(decideOn([scheduled(0), completed(0)], [call], true).completion).toEqual({
    status: "Completed",
    output: '"out"',
  });
});

test("names in the history match regardless of case", () => {
  expect(decideOn([scheduled(0, "WORK"), completed(0)], [call], true).completion?.status).toBe("Completed");
});

test("a task in the history that nobody started is non-determinism", () => {
  expect(decideOn([scheduled(7)], [call]).completion).toMatchObject({
    status: "Failed",
    output: expect.stringContaining("sequence ID 7") as string,
  });
});

test("a timer is split at the limit, link by link", () => {
  const timer: Action = { actionType: 5, fireAt: new Date(start + 1500).toISOString(), isCanceled: false };
  expect(decideOn([], [timer]).started).toEqual([
    { kind: "timer", id: 0, fireAt: start + 400, canceled: false },
  ]);
});

test("a canceled timer is new work on first sight, though nobody waits for it", () => {
  const timer: Action = { actionType: 5, fireAt: new Date(start + 10).toISOString(), isCanceled: true };
  expect(decideOn([], [timer], true)).toMatchObject({
    started: [{ kind: "timer", id: 0, canceled: true }],
    canceledTimers: [0],
    completion: { status: "Completed" },
  });
});

test.each([7, 8, 9, 10, 13, 14, 99])("action type %i fails the instance by name", (actionType) => {
  const { completion } = decideOn([], [{ actionType } as unknown as Action]);
  expect(completion).toMatchObject({
    status: "Failed",
    output: expect.stringContaining(`Action type ${actionType} is not implemented`) as string,
  });
});

test("a function that broke before it could report fails the instance at once, open tasks or not", () => {
  const outcome = decide({
    name: "main",
    history: [],
    result: { broken: "out of memory" },
    maximumShortTimer: 1000,
    longTimerInterval: 400,
    requireFunction: () => undefined,
  });
  expect(outcome.completion).toMatchObject({ output: "Orchestrator function 'main' failed: out of memory" });
});

test("the state of a failed orchestrator is read from the message of its error", async () => {
  const state = {
    isDone: false,
    actions: [[call]],
    error: "boom",
    customStatus: { at: 1 },
    schemaVersion: 2,
  };
  const result = await readOrchestrator(() =>
    Promise.reject(new Error(`false\n\n$OutOfProcData$:${JSON.stringify(state)}`)),
  );
  expect(result).toEqual({
    state: { isDone: false, actions: [call], output: undefined, customStatus: { at: 1 }, error: "boom" },
  });
});

test("an error without that state is the function's own breakdown", async () => {
  expect(await readOrchestrator(() => Promise.reject(new Error("plain")))).toEqual({ broken: "plain" });
});

test("the action lists of the oldest schema, one per yield, are refused", async () => {
  const result = await readOrchestrator(() => Promise.resolve({ isDone: false, actions: [[call], [call]] }));
  expect(result).toEqual({ broken: expect.stringContaining("schema V2") as string });
});
