import type { Clock } from "./clock.ts";
import type { DurableFunctions } from "./functions.ts";
import { EventType, historyEvent } from "./history.ts";
import type { EventBody } from "./history.ts";
import { isFinished, workKey } from "./state.ts";
import type { ActivityTask, Operation } from "./state.ts";
import type { DurableStore } from "./store.ts";

export interface ActivityPoolParts {
  clock: Clock;
  store: DurableStore;
  invoke: DurableFunctions;
  limit: number;
  /** An activity ended and its commit is made. */
  ended(instanceId: string): void;
  /** Something broke that is not the activity's fault. */
  broke: (error: unknown) => void;
}

export interface ActivityPool {
  add(task: ActivityTask): void;
  running(): number;
  /** Starts nothing more; what runs may still end. */
  stop(): void;
}

/**
 * Runs activities, at most `limit` at a time. A task stays in the store until the commit that also records its
 * end, so a killed host runs it again: at least once, never lost.
 */
export function createActivityPool(parts: ActivityPoolParts): ActivityPool {
  const { clock, store, invoke } = parts;
  const queue: ActivityTask[] = [];
  let running = 0;
  let stopped = false;

  const runOne = async (task: ActivityTask): Promise<void> => {
    const body = await outcomeOf(invoke, task, store.hub.get(task.instanceId)?.header.trace);
    store.commit(commitOutcome(store, task, body, clock.now()));
    running -= 1;
    // First the next one: anyone who hears of the end must not take a full queue for idleness.
    fill();
    parts.ended(task.instanceId);
  };
  const fill = (): void => {
    while (!stopped && running < parts.limit) {
      const task = queue.shift();
      if (!task) return;
      // Purged or replaced while it waited.
      if (!store.hub.get(task.instanceId)?.tasks.has(workKey(task.executionId, task.taskId))) continue;
      running += 1;
      runOne(task).catch(parts.broke);
    }
  };
  return {
    add(task) {
      queue.push(task);
      fill();
    },
    running: () => running,
    stop() {
      stopped = true;
    },
  };
}

function commitOutcome(store: DurableStore, task: ActivityTask, body: EventBody, now: number): Operation[] {
  const { instanceId: id, executionId, taskId } = task;
  const key = workKey(executionId, taskId);
  // A task has one end in history, however often it was run.
  if (!store.hub.get(id)?.tasks.has(key)) return [];
  const done: Operation = { op: "done", id, key };
  const header = store.hub.get(id)?.header;
  // A result for an execution that has ended is dropped, as the real host does.
  if (!header || header.executionId !== executionId || isFinished(header.status)) return [done];
  return [done, { op: "push", id, message: { executionId, event: historyEvent(body, now) } }];
}

async function outcomeOf(
  invoke: DurableFunctions,
  task: ActivityTask,
  trace: string | undefined,
): Promise<EventBody> {
  const { instanceId, taskId, input } = task;
  try {
    const Result = await invoke.act(task.name, { instanceId, taskId, input, trace });
    return { EventType: EventType.TaskCompleted, TaskScheduledId: taskId, Result };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      EventType: EventType.TaskFailed,
      TaskScheduledId: taskId,
      // Two blanks: the extension cuts the worker's text behind "Exception:" and keeps the blank
      // (EXT OutOfProcExceptionHelpers.cs). Details must be text or the SDK refuses the event.
      Reason: `Activity function '${task.name}' failed:  ${message}`,
      Details: JSON.stringify({ ClassName: "System.Exception", Message: message }),
      FailureDetails: null,
    };
  }
}
