import { EventType, historyEvent } from "./history.ts";
import type { HistoryEvent } from "./history.ts";
import { executionStarted, failure, newId, notifyParent } from "./instances.ts";
import type { Ending } from "./instances.ts";
import { startWork } from "./new-work.ts";
import { json } from "./shim.ts";
import type { ShimOutcome } from "./shim.ts";
import { workKey } from "./state.ts";
import type { Instance, InstanceHeader, Message, Operation } from "./state.ts";

/** The messages one episode plays, in the order they came. */
export interface Batch {
  instance: Instance;
  /** Their sequence numbers, and those of messages found to be stale. */
  taken: number[];
  /** OrchestratorStarted and then the messages' events. */
  events: HistoryEvent[];
  now: number;
}

/**
 * The one commit of an episode: messages taken, history grown, new work created, status set and the parent
 * told, all or nothing, so that a kill at any moment either repeats the episode or finds it done.
 */
export function commitEpisode(
  batch: Batch,
  outcome: ShimOutcome,
  customStatus: unknown,
  hub: ReadonlyMap<string, Instance>,
): Operation[] {
  const { instance, now } = batch;
  const { header } = instance;
  const status = customStatus === undefined || customStatus === null ? null : json(customStatus);
  const { completion } = outcome;
  if (completion?.status === "ContinuedAsNew") {
    return continueAsNew(batch, completion.input, outcome.carriedOver, status ?? header.customStatus);
  }
  const work = outcome.started.map((started) => startWork(started, header, hub, now));
  return [
    { op: "take", id: header.id, sequences: batch.taken },
    ...append(batch, [
      ...work.map(({ event }) => event),
      ...(completion ? [executionCompleted(completion, outcome.nextId, now)] : []),
    ]),
    ...work.flatMap(({ operations }) => operations),
    ...dropTimers(instance, completion ? "all" : outcome.canceledTimers),
    {
      op: "put",
      instance: {
        ...header,
        status: completion?.status ?? "Running",
        output: completion?.output ?? null,
        customStatus: status,
        updatedAt: now,
      },
    },
    ...(completion ? notifyParent(header.parent, completion, now) : []),
  ];
}

/** Ends an instance from outside, whatever it was doing; its waiting messages die with it. */
export function commitTermination(batch: Batch, reason: string): Operation[] {
  const { instance, now } = batch;
  const { header } = instance;
  const body = { OrchestrationStatus: "Terminated", Result: reason, FailureDetails: null };
  return [
    { op: "take", id: header.id, sequences: [...instance.inbox.keys()] },
    ...append(batch, [historyEvent({ EventType: EventType.ExecutionCompleted, ...body }, now)]),
    ...dropTimers(instance, "all"),
    { op: "put", instance: { ...header, status: "Terminated", output: reason, updatedAt: now } },
    ...notifyParent(header.parent, failure(reason), now),
  ];
}

/** Records that an instance was suspended or resumed. */
export function commitControl(batch: Batch, status: "Suspended" | "Running"): Operation[] {
  const { header } = batch.instance;
  return [
    { op: "take", id: header.id, sequences: batch.taken },
    ...append(batch, []),
    { op: "put", instance: { ...header, status, updatedAt: batch.now } },
  ];
}

function append(batch: Batch, more: HistoryEvent[]): Operation[] {
  const closing = historyEvent({ EventType: EventType.OrchestratorCompleted }, batch.now);
  // What is stored has been played by definition.
  const events = [...batch.events, ...more, closing].map((event) => ({ ...event, IsPlayed: true }));
  return [{ op: "append", id: batch.instance.header.id, events }];
}

/**
 * Starts the next generation with an empty history. Events that came after the decision are carried over;
 * those the old generation had buffered before it are lost, as on the real host, because the SDK never asks
 * to keep them (DTF TaskOrchestrationExecutor.cs, EXT shim `preserveUnprocessedEvents`).
 */
function continueAsNew(
  batch: Batch,
  input: string,
  carriedOver: HistoryEvent[],
  customStatus: string | null,
): Operation[] {
  const { instance, now } = batch;
  const { id } = instance.header;
  const next: InstanceHeader = {
    ...instance.header,
    executionId: newId(),
    input,
    status: "Running",
    customStatus,
    updatedAt: now,
  };
  const unplayed = [...instance.inbox].filter(([sequence]) => !batch.taken.includes(sequence));
  const messages: Message[] = [
    executionStarted(next, now),
    ...carriedOver.map((event) => ({ executionId: null, event })),
    ...unplayed.map(([, message]) => message),
  ];
  return [
    // The inbox is emptied and refilled so that the new start comes first.
    { op: "take", id, sequences: [...instance.inbox.keys()] },
    { op: "rewrite", id, events: [] },
    ...dropTimers(instance, "all"),
    { op: "put", instance: next },
    ...messages.map((message): Operation => ({ op: "push", id, message })),
  ];
}

function executionCompleted(ending: Ending, EventId: number, now: number): HistoryEvent {
  return historyEvent(
    {
      EventType: EventType.ExecutionCompleted,
      EventId,
      OrchestrationStatus: ending.status,
      Result: ending.output,
      FailureDetails: ending.status === "Failed" ? ending.failureDetails : null,
    },
    now,
  );
}

function dropTimers(instance: Instance, timerIds: "all" | readonly number[]): Operation[] {
  const { id, executionId } = instance.header;
  const keys =
    timerIds === "all" ? [...instance.timers.keys()] : timerIds.map((timer) => workKey(executionId, timer));
  return keys.filter((key) => instance.timers.has(key)).map((key) => ({ op: "fired", id, key }));
}
