import { EventType, historyEvent } from "./history.ts";
import type { EventBody, HistoryEvent, ParentInstance } from "./history.ts";
import { createInstance, failure, notifyParent } from "./instances.ts";
import type { Started } from "./scheduler.ts";
import { json } from "./shim.ts";
import { isFinished } from "./state.ts";
import type { Instance, InstanceHeader, Operation } from "./state.ts";

/** The event that records new work, and the operations that create it. */
export interface NewWork {
  event: HistoryEvent;
  operations: Operation[];
}

/** Turns something an orchestrator started into its history event and the work itself. */
export function startWork(
  started: Started,
  owner: InstanceHeader,
  hub: ReadonlyMap<string, Instance>,
  now: number,
): NewWork {
  const { id: instanceId, executionId } = owner;
  const stamp = (body: EventBody) => historyEvent({ ...body, EventId: started.id }, now);
  switch (started.kind) {
    case "activity": {
      const { id: taskId, name } = started;
      return {
        // The extension leaves the input out of the history unless told otherwise.
        event: stamp({ EventType: EventType.TaskScheduled, Name: name, Version: null, Input: null }),
        operations: [
          {
            op: "task",
            task: { instanceId, executionId, taskId, name, input: activityInput(started.input) },
          },
        ],
      };
    }
    case "timer": {
      const { id: timerId, fireAt } = started;
      return {
        event: stamp({ EventType: EventType.TimerCreated, FireAt: new Date(fireAt).toISOString() }),
        operations: started.canceled
          ? []
          : [{ op: "timer", timer: { instanceId, executionId, timerId, fireAt } }],
      };
    }
    case "subOrchestration":
      return startChild(started, owner, hub, now);
  }
}

function startChild(
  started: Extract<Started, { kind: "subOrchestration" }>,
  owner: InstanceHeader,
  hub: ReadonlyMap<string, Instance>,
  now: number,
): NewWork {
  const { name, version } = started;
  // DTF TaskOrchestrationContext.cs gives an unnamed child this id.
  const id = started.instanceId || `${owner.executionId}:${started.id}`;
  const input = started.input === undefined ? null : json(started.input);
  const parent: ParentInstance = {
    Name: owner.name,
    OrchestrationInstance: { InstanceId: owner.id, ExecutionId: owner.executionId },
    TaskScheduleId: started.id,
    Version: null,
  };
  const event = historyEvent(
    {
      EventType: EventType.SubOrchestrationInstanceCreated,
      EventId: started.id,
      Name: name,
      Version: version,
      InstanceId: id,
      Input: input,
    },
    now,
  );
  const status = hub.get(id)?.header.status;
  if (status && !isFinished(status)) {
    const ending = failure(`An Orchestration instance with the status ${status} already exists.`);
    return { event, operations: notifyParent(parent, ending, now) };
  }
  // A child goes on with the trace of its parent.
  const { trace } = owner;
  return { event, operations: createInstance({ id, name, version, input, parent, trace }, now) };
}

/**
 * The text an activity function gets. A string is JSON text already, because the SDK encodes strings once
 * more (DJS util/Utils.ts `processInput`); a bare boolean comes out of .NET as "True" or "False".
 */
function activityInput(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  if (typeof input === "string") return input;
  if (typeof input === "boolean") return input ? "True" : "False";
  return JSON.stringify(input);
}
