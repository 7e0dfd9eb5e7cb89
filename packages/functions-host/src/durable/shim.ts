import type { OrchestratorResult } from "./actions.ts";
import type { Future } from "./future.ts";
import { run } from "./future.ts";
import { EventType } from "./history.ts";
import type { HistoryEvent } from "./history.ts";
import { NonDeterminism, Scheduler } from "./scheduler.ts";
import type { Started } from "./scheduler.ts";
import { walk } from "./walk.ts";
import type { WalkSettings } from "./walk.ts";

export interface ShimInput extends WalkSettings {
  /** Name of the orchestrator function, for its failure text. */
  name: string;
  /** The whole history of this generation, ending with the events that are new in this episode. */
  history: readonly HistoryEvent[];
  result: OrchestratorResult;
}

export type Completion =
  | { status: "Completed"; output: string }
  | { status: "Failed"; output: string; details: string; failureDetails: unknown }
  | { status: "ContinuedAsNew"; input: string };

export interface ShimOutcome {
  /** New work, in id order. */
  started: Started[];
  /** Timers the orchestrator has given up on: nobody waits for them any more. */
  canceledTimers: readonly number[];
  /** External events that came after the decision to continue as new. */
  carriedOver: HistoryEvent[];
  /** The number the next task would get; the end of the execution takes it. */
  nextId: number;
  completion?: Completion;
}

/**
 * One episode's decision, as a pure function: replays the returned actions against the history and tells what
 * is new. Both sides number tasks by the same rule and never exchange the numbers, so the order in which
 * futures settle here is the contract with the SDK.
 */
export function decide(input: ShimInput): ShimOutcome {
  if ("broken" in input.result) return ended(failure(input, input.result.broken));
  const { state } = input.result;
  const scheduler = new Scheduler();
  const carriedOver: HistoryEvent[] = [];
  let walking: Future | undefined;
  try {
    for (const event of input.history) {
      if (event.EventType === EventType.ExecutionStarted)
        walking = run(walk(state.actions, scheduler, input));
      else if (event.EventType === EventType.EventRaised && scheduler.continueAsNew) carriedOver.push(event);
      else apply(event, scheduler);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!(error instanceof NonDeterminism)) return ended(failure(input, reason), scheduler.nextId);
    const failed = { status: "Failed", output: reason, details: reason, failureDetails: null } as const;
    return ended(failed, scheduler.nextId);
  }
  const { newWork: started, canceledTimers, nextId } = scheduler;
  const outcome = { started, canceledTimers, carriedOver, nextId };
  // An instance with an open task stays Running even after its function returned (DTF `HasOpenTasks`):
  // this is how a losing timer that was not canceled keeps a job alive.
  if (!walking?.settled || scheduler.hasOpenTasks) return outcome;
  if (state.error !== undefined) {
    return { ...outcome, completion: failure(input, state.error, state.failureDetails) };
  }
  if (scheduler.continueAsNew) {
    return {
      ...outcome,
      completion: { status: "ContinuedAsNew", input: json(scheduler.continueAsNew.input) },
    };
  }
  if (!state.isDone) return outcome;
  return { ...outcome, completion: { status: "Completed", output: json(state.output) } };
}

function apply(event: HistoryEvent, scheduler: Scheduler): void {
  switch (event.EventType) {
    case EventType.OrchestratorStarted:
      scheduler.now = Math.max(scheduler.now, Date.parse(event.Timestamp));
      return;
    case EventType.TaskScheduled:
      scheduler.confirm(event.EventId, "activity", event.Name);
      return;
    case EventType.SubOrchestrationInstanceCreated:
      scheduler.confirm(event.EventId, "subOrchestration", event.Name);
      return;
    case EventType.TimerCreated:
      scheduler.confirm(event.EventId, "timer");
      return;
    case EventType.TaskCompleted:
    case EventType.SubOrchestrationInstanceCompleted:
      scheduler.settle(event.TaskScheduledId, "succeeded");
      return;
    case EventType.TaskFailed:
    case EventType.SubOrchestrationInstanceFailed:
      scheduler.settle(event.TaskScheduledId, "failed");
      return;
    case EventType.TimerFired:
      scheduler.settle(event.TimerId, "succeeded");
      return;
    case EventType.EventRaised:
      scheduler.raiseEvent(event.Name);
      return;
    default:
  }
}

function failure(input: ShimInput, message: string, failureDetails: unknown = null): Completion {
  return {
    status: "Failed",
    output: `Orchestrator function '${input.name}' failed: ${message}`,
    details: `Message: ${message}, StackTrace: `,
    failureDetails,
  };
}

/** Ends the instance at once, with nothing started and whatever is still open. */
function ended(completion: Completion, nextId = 0): ShimOutcome {
  return { started: [], canceledTimers: [], carriedOver: [], nextId, completion };
}

/** JSON text of a value; `undefined` has none and becomes `null`. */
export function json(value: unknown): string {
  return JSON.stringify(value ?? null);
}
