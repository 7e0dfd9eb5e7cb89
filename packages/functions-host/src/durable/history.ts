/**
 * Durable history events in the JSON the Durable extension sends to an orchestrator: PascalCase, numeric
 * `EventType`, payloads as JSON text (DTF History/*.cs). The Node SDK reads these names and no others.
 */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
  ExecutionRewound: 21,
} as const;

type Kind = typeof EventType;

interface Common {
  EventId: number;
  IsPlayed: boolean;
  Timestamp: string;
}

/** Who waits for an instance: the task of another instance's execution. */
export interface ParentInstance {
  Name: string;
  OrchestrationInstance: { InstanceId: string; ExecutionId: string };
  TaskScheduleId: number;
  Version: string | null;
}

type Failure = { TaskScheduledId: number; Reason: string; Details: string; FailureDetails: unknown };

type Shape =
  | {
      EventType: Kind["ExecutionStarted"];
      OrchestrationInstance: { InstanceId: string; ExecutionId: string };
      ParentInstance: ParentInstance | null;
      Name: string;
      Version: string | null;
      Input: string | null;
      Tags: null;
    }
  | {
      EventType: Kind["ExecutionCompleted"];
      OrchestrationStatus: string;
      Result: string | null;
      FailureDetails: unknown;
    }
  | { EventType: Kind["ExecutionTerminated"]; Input: string }
  | { EventType: Kind["TaskScheduled"]; Name: string; Version: null; Input: null }
  | { EventType: Kind["TaskCompleted"]; TaskScheduledId: number; Result: string }
  | ({ EventType: Kind["TaskFailed"] } & Failure)
  | {
      EventType: Kind["SubOrchestrationInstanceCreated"];
      Name: string;
      Version: string | null;
      InstanceId: string;
      Input: string | null;
    }
  | { EventType: Kind["SubOrchestrationInstanceCompleted"]; TaskScheduledId: number; Result: string }
  | ({ EventType: Kind["SubOrchestrationInstanceFailed"] } & Failure)
  | { EventType: Kind["TimerCreated"]; FireAt: string }
  | { EventType: Kind["TimerFired"]; TimerId: number; FireAt: string }
  | { EventType: Kind["OrchestratorStarted"] }
  | { EventType: Kind["OrchestratorCompleted"] }
  | { EventType: Kind["EventRaised"]; Name: string; Input: string | null }
  | { EventType: Kind["ExecutionSuspended"]; Reason: string }
  | { EventType: Kind["ExecutionResumed"]; Reason: string }
  | { EventType: Kind["ExecutionRewound"]; Reason: string };

export type HistoryEvent = Common & Shape;

/** What one event says, before it is stamped with a time. */
export type EventBody = Shape & { EventId?: number };

const names = new Map<number, string>(Object.entries(EventType).map(([name, value]) => [value, name]));

/** Stamps an event. Events that start a task carry its id; all others carry -1 (DTF History/HistoryEvent.cs). */
export function historyEvent(body: EventBody, at: number): HistoryEvent {
  return { EventId: -1, IsPlayed: false, Timestamp: new Date(at).toISOString(), ...body };
}

/** The event's name as the management API spells it. */
export function eventTypeName(event: HistoryEvent): string {
  return names.get(event.EventType) ?? String(event.EventType);
}
