import { eventTypeName, EventType } from "./history.ts";
import type { HistoryEvent } from "./history.ts";

/**
 * The history as `showHistory` returns it: episode marks and starts are folded away, an ending tells what it
 * ended and since when (EXT ContextImplementations/DurableClient.cs).
 */
export function historyForClients(history: readonly HistoryEvent[], showOutput: boolean): object[] {
  const starts = new Map<number, { Name?: string; Timestamp: string }>();
  for (const event of history) if (isStart(event)) starts.set(event.EventId, event);
  return history.filter((event) => !isFolded(event)).map((event) => view(event, starts, showOutput));
}

function isStart(event: HistoryEvent): boolean {
  return (
    event.EventType === EventType.TaskScheduled ||
    event.EventType === EventType.SubOrchestrationInstanceCreated ||
    event.EventType === EventType.TimerCreated
  );
}

function isFolded(event: HistoryEvent): boolean {
  return (
    isStart(event) ||
    event.EventType === EventType.OrchestratorStarted ||
    event.EventType === EventType.OrchestratorCompleted
  );
}

function view(
  event: HistoryEvent,
  starts: ReadonlyMap<number, { Name?: string; Timestamp: string }>,
  showOutput: boolean,
): object {
  const shown: Record<string, unknown> = { ...event, EventType: eventTypeName(event) };
  const startedBy = shown["TaskScheduledId"] ?? shown["TimerId"];
  for (const name of ["EventId", "IsPlayed", "TaskScheduledId", "TimerId"])
    Reflect.deleteProperty(shown, name);
  if (!showOutput) Reflect.deleteProperty(shown, "Result");
  const start = typeof startedBy === "number" ? starts.get(startedBy) : undefined;
  if (!start) return shown;
  return {
    ...shown,
    ScheduledTime: start.Timestamp,
    ...(start.Name === undefined ? {} : { FunctionName: start.Name }),
  };
}
