import { EventType, historyEvent } from "./history.ts";
import type { HistoryEvent } from "./history.ts";
import { newId } from "./instances.ts";
import type { Instance, Operation } from "./state.ts";

/**
 * Takes a failed instance back to before its failed steps: their failures and the end are cut out of the
 * history, so that the next episode starts those steps again (DTF TaskOrchestrationDispatcher.cs
 * `ProcessRewindOrchestrationDecision`). Failed children are rewound with it.
 */
export function rewindInstance(
  instance: Instance,
  reason: string,
  hub: ReadonlyMap<string, Instance>,
  now: number,
): Operation[] {
  const { id } = instance.header;
  const executionId = newId();
  const failedTasks = new Set<number>();
  const failedChildren = new Set<number>();
  for (const event of instance.history) {
    if (event.EventType === EventType.TaskFailed) failedTasks.add(event.TaskScheduledId);
    if (event.EventType === EventType.SubOrchestrationInstanceFailed)
      failedChildren.add(event.TaskScheduledId);
  }
  const children = instance.history.flatMap((event) =>
    event.EventType === EventType.SubOrchestrationInstanceCreated && failedChildren.has(event.EventId)
      ? rewindChild(event.InstanceId, executionId, reason, hub, now)
      : [],
  );
  const event = historyEvent({ EventType: EventType.ExecutionRewound, Reason: reason }, now);
  return [
    { op: "rewrite", id, events: instance.history.filter((each) => survives(each, failedTasks)) },
    {
      op: "put",
      instance: { ...instance.header, executionId, status: "Running", output: null, updatedAt: now },
    },
    { op: "push", id, message: { executionId, event } },
    ...children,
  ];
}

function rewindChild(
  id: string,
  parentExecutionId: string,
  reason: string,
  hub: ReadonlyMap<string, Instance>,
  now: number,
): Operation[] {
  const child = hub.get(id);
  const parent = child?.header.parent;
  if (!parent || child.header.status !== "Failed") return [];
  const OrchestrationInstance = { ...parent.OrchestrationInstance, ExecutionId: parentExecutionId };
  const header = { ...child.header, parent: { ...parent, OrchestrationInstance } };
  return rewindInstance({ ...child, header }, reason, hub, now);
}

function survives(event: HistoryEvent, failedTasks: ReadonlySet<number>): boolean {
  switch (event.EventType) {
    case EventType.TaskFailed:
    case EventType.SubOrchestrationInstanceFailed:
    case EventType.ExecutionCompleted:
      return false;
    case EventType.TaskScheduled:
      return !failedTasks.has(event.EventId);
    default:
      return true;
  }
}
