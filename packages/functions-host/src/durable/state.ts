import type { HistoryEvent, ParentInstance } from "./history.ts";

export type RuntimeStatus = "Pending" | "Running" | "Suspended" | "Completed" | "Failed" | "Terminated";

/** Everything about an instance but its history and its pending work. Payloads are JSON text. */
export interface InstanceHeader {
  id: string;
  /** Changes when the instance starts over: messages for an older execution are dropped. */
  executionId: string;
  name: string;
  version: string | null;
  input: string | null;
  status: RuntimeStatus;
  output: string | null;
  customStatus: string | null;
  createdAt: number;
  updatedAt: number;
  parent: ParentInstance | null;
  /** W3C traceparent that its activities are given: of a trace of its own, or of its parent's. */
  trace?: string | undefined;
}

/** An event waiting to be played. External events and control messages name no execution. */
export interface Message {
  executionId: string | null;
  event: HistoryEvent;
  /** Epoch milliseconds before which nobody sees it: a process took it, and was killed. */
  visibleAt?: number;
}

export interface ActivityTask {
  instanceId: string;
  executionId: string;
  taskId: number;
  name: string;
  /** The text handed to the function, or null for no input. */
  input: string | null;
  /** As of a message. */
  visibleAt?: number;
}

export interface DurableTimer {
  instanceId: string;
  executionId: string;
  timerId: number;
  fireAt: number;
}

/** One change to the task hub. A list of them is the unit of commit. */
export type Operation =
  | { op: "put"; instance: InstanceHeader }
  | { op: "append"; id: string; events: HistoryEvent[] }
  | { op: "rewrite"; id: string; events: HistoryEvent[] }
  | { op: "push"; id: string; message: Message }
  | { op: "take"; id: string; sequences: number[] }
  | { op: "inbox"; id: string; messages: [sequence: number, message: Message][]; nextSequence: number }
  | { op: "task"; task: ActivityTask }
  | { op: "done"; id: string; key: string }
  | { op: "timer"; timer: DurableTimer }
  | { op: "fired"; id: string; key: string }
  | { op: "purge"; id: string };

export interface Instance {
  header: InstanceHeader;
  history: HistoryEvent[];
  /** By sequence number, oldest first. */
  inbox: Map<number, Message>;
  nextSequence: number;
  tasks: Map<string, ActivityTask>;
  timers: Map<string, DurableTimer>;
}

export type TaskHub = Map<string, Instance>;

/** Names a task or timer within its instance. */
export function workKey(executionId: string, number: number): string {
  return `${executionId}/${number}`;
}

/** Applies one change. A change to an instance that is gone is a late arrival and has no effect. */
export function applyOperation(hub: TaskHub, operation: Operation): void {
  if (operation.op === "put") {
    put(hub, operation.instance);
    return;
  }
  if (operation.op === "purge") return void hub.delete(operation.id);
  const instance = hub.get(targetOf(operation));
  if (!instance) return;
  switch (operation.op) {
    case "append":
      // One by one: a compacted history is a single operation, and a call takes only so many arguments.
      for (const event of operation.events) instance.history.push(event);
      return;
    case "rewrite":
      instance.history = [...operation.events];
      return;
    case "push":
      instance.inbox.set(instance.nextSequence++, operation.message);
      return;
    case "take":
      for (const sequence of operation.sequences) instance.inbox.delete(sequence);
      return;
    case "inbox":
      instance.inbox = new Map(operation.messages);
      instance.nextSequence = operation.nextSequence;
      return;
    case "task":
      instance.tasks.set(workKey(operation.task.executionId, operation.task.taskId), operation.task);
      return;
    case "done":
      instance.tasks.delete(operation.key);
      return;
    case "timer":
      instance.timers.set(workKey(operation.timer.executionId, operation.timer.timerId), operation.timer);
      return;
    case "fired":
      instance.timers.delete(operation.key);
  }
}

function targetOf(operation: Exclude<Operation, { op: "put" | "purge" }>): string {
  if (operation.op === "task") return operation.task.instanceId;
  if (operation.op === "timer") return operation.timer.instanceId;
  return operation.id;
}

function put(hub: TaskHub, header: InstanceHeader): void {
  const known = hub.get(header.id);
  if (known) known.header = header;
  else {
    hub.set(header.id, {
      header,
      history: [],
      inbox: new Map(),
      nextSequence: 0,
      tasks: new Map(),
      timers: new Map(),
    });
  }
}

/**
 * The operations that rebuild an instance from nothing. Messages keep their numbers and so does the next one: later
 * commits take messages by the numbers that memory has for them.
 */
export function snapshot(instance: Instance): Operation[] {
  const { header, inbox, nextSequence } = instance;
  const { id } = header;
  return [
    { op: "put", instance: header },
    { op: "append", id, events: instance.history },
    { op: "inbox", id, messages: [...inbox], nextSequence },
    ...[...instance.tasks.values()].map((task): Operation => ({ op: "task", task })),
    ...[...instance.timers.values()].map((timer): Operation => ({ op: "timer", timer })),
  ];
}

/** Whether the instance has come to its end and accepts nothing more. */
export function isFinished(status: RuntimeStatus): boolean {
  return status === "Completed" || status === "Failed" || status === "Terminated";
}
