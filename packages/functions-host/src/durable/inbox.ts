import { EventType } from "./history.ts";
import type { HistoryEvent } from "./history.ts";
import { isFinished } from "./state.ts";
import type { Instance, Message } from "./state.ts";

/** What an instance's waiting messages call for next. */
export type NextStep =
  | { kind: "nothing" }
  /** Only messages nobody will play: of an older execution, or for a finished instance. */
  | { kind: "discard"; taken: number[] }
  | { kind: "terminate"; taken: number[]; event: HistoryEvent; reason: string }
  | { kind: "control"; taken: number[]; event: HistoryEvent; status: "Suspended" | "Running" }
  | { kind: "play"; taken: number[]; events: HistoryEvent[] };

/**
 * Chooses the next step from what is visible. Termination beats everything, suspending and resuming come before ordinary
 * events, and a suspended instance leaves its ordinary events where they are.
 */
export function nextStep(instance: Instance, now: number): NextStep {
  const { header } = instance;
  const isHidden = ({ visibleAt = 0 }: Message) => visibleAt > now;
  const waiting = [...instance.inbox];
  // Nothing can be played on an instance whose beginning is out of sight.
  if (waiting.some(([, each]) => isHidden(each) && each.event.EventType === EventType.ExecutionStarted))
    return { kind: "nothing" };
  const all = waiting.filter(([, message]) => !isHidden(message));
  if (isFinished(header.status)) {
    return all.length === 0
      ? { kind: "nothing" }
      : { kind: "discard", taken: all.map(([sequence]) => sequence) };
  }
  const isCurrent = (executionId: string | null) =>
    executionId === null || executionId === header.executionId;
  const stale = all.filter(([, message]) => !isCurrent(message.executionId)).map(([sequence]) => sequence);
  const current = all.filter(([, message]) => isCurrent(message.executionId));
  for (const [sequence, { event }] of current) {
    if (event.EventType === EventType.ExecutionTerminated) {
      return { kind: "terminate", taken: [...stale, sequence], event, reason: event.Input };
    }
  }
  for (const [sequence, { event }] of current) {
    if (event.EventType === EventType.ExecutionSuspended || event.EventType === EventType.ExecutionResumed) {
      const status = event.EventType === EventType.ExecutionSuspended ? "Suspended" : "Running";
      return { kind: "control", taken: [...stale, sequence], event, status };
    }
  }
  if (current.length === 0 || header.status === "Suspended") {
    return stale.length === 0 ? { kind: "nothing" } : { kind: "discard", taken: stale };
  }
  return {
    kind: "play",
    taken: [...stale, ...current.map(([sequence]) => sequence)],
    events: current.map(([, message]) => message.event),
  };
}
