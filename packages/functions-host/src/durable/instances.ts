import { randomBytes, randomUUID } from "node:crypto";
import { EventType, historyEvent } from "./history.ts";
import type { EventBody, ParentInstance } from "./history.ts";
import type { Completion } from "./shim.ts";
import type { InstanceHeader, Message, Operation } from "./state.ts";

/** A fresh id in the extension's form, 32 hex digits. */
export function newId(): string {
  return randomUUID().replaceAll("-", "");
}

/** What a caller or a parent decides about a new instance; the rest is the same for all. */
export interface NewInstance {
  id: string;
  name: string;
  version: string | null;
  /** JSON text. */
  input: string | null;
  parent: ParentInstance | null;
  /** W3C traceparent that its activities are given. */
  trace?: string | undefined;
}

/** The extension begins a trace for each orchestration, no matter who started it, and marks it as one that nobody keeps. */
export function ownTrace(): string {
  return `00-${newId()}-${randomBytes(8).toString("hex")}-00`;
}

/** Creates an instance, replacing a finished one of the same id without a word, as the extension does. */
export function createInstance(instance: NewInstance, now: number): Operation[] {
  const header: InstanceHeader = {
    ...instance,
    executionId: newId(),
    status: "Pending",
    output: null,
    customStatus: null,
    createdAt: now,
    updatedAt: now,
  };
  return [
    { op: "purge", id: header.id },
    { op: "put", instance: header },
    { op: "push", id: header.id, message: executionStarted(header, now) },
  ];
}

/** The message every generation of an instance begins with. */
export function executionStarted(header: InstanceHeader, now: number): Message {
  const event = historyEvent(
    {
      EventType: EventType.ExecutionStarted,
      OrchestrationInstance: { InstanceId: header.id, ExecutionId: header.executionId },
      ParentInstance: header.parent,
      Name: header.name,
      Version: header.version,
      Input: header.input,
      Tags: null,
    },
    now,
  );
  return { executionId: header.executionId, event };
}

/** How an execution may end for good. */
export type Ending = Exclude<Completion, { status: "ContinuedAsNew" }>;

/** A failure whose text is all there is to say. */
export function failure(output: string): Extract<Ending, { status: "Failed" }> {
  return { status: "Failed", output, details: output, failureDetails: null };
}

/** Tells the waiting parent, if there is one, how its child ended. */
export function notifyParent(parent: ParentInstance | null, ending: Ending, now: number): Operation[] {
  if (!parent) return [];
  const TaskScheduledId = parent.TaskScheduleId;
  const body: EventBody =
    ending.status === "Completed"
      ? { EventType: EventType.SubOrchestrationInstanceCompleted, TaskScheduledId, Result: ending.output }
      : {
          EventType: EventType.SubOrchestrationInstanceFailed,
          TaskScheduledId,
          Reason: ending.output,
          Details: ending.details,
          FailureDetails: ending.failureDetails,
        };
  const { InstanceId, ExecutionId } = parent.OrchestrationInstance;
  return [
    { op: "push", id: InstanceId, message: { executionId: ExecutionId, event: historyEvent(body, now) } },
  ];
}
