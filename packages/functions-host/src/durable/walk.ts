import { ActionType } from "./actions.ts";
import type { Action, RetryOptions } from "./actions.ts";
import { run, settled, whenAll, whenAny } from "./future.ts";
import type { Coroutine, Future } from "./future.ts";
import type { Scheduler } from "./scheduler.ts";

/** What the walk needs to know about its environment. */
export interface WalkSettings {
  /** A timer longer than this is a chain of timers of `longTimerInterval`. */
  maximumShortTimer: number;
  longTimerInterval: number;
  /** Throws with the words the instance fails with when there is no such function. */
  requireFunction(kind: "activity" | "orchestrator", name: string): void;
}

const defaultMaximumRetryInterval = 6 * 24 * 3_600_000;

/**
 * Performs the actions in order, each only when the one before has settled. How it settled is the SDK's
 * concern: it owns user errors (EXT OutOfProcOrchestrationShim.cs `ProcessAsyncActionsV2`).
 */
export function* walk(actions: Action[], scheduler: Scheduler, settings: WalkSettings): Coroutine {
  for (const action of actions) yield perform(action, scheduler, settings);
  return "succeeded";
}

function perform(action: Action, scheduler: Scheduler, settings: WalkSettings): Future {
  const again = (part: Action) => perform(part, scheduler, settings);
  switch (action.actionType) {
    case ActionType.CallActivity:
      return callActivity(action, scheduler, settings);
    case ActionType.CallActivityWithRetry:
      return run(retry(action.retryOptions, scheduler, () => callActivity(action, scheduler, settings)));
    case ActionType.CallSubOrchestrator:
      return callSubOrchestrator(action, scheduler, settings);
    case ActionType.CallSubOrchestratorWithRetry:
      return run(
        retry(action.retryOptions, scheduler, () => callSubOrchestrator(action, scheduler, settings)),
      );
    case ActionType.CreateTimer:
      return run(timer(Date.parse(action.fireAt), action.isCanceled, scheduler, settings));
    case ActionType.WaitForExternalEvent:
      return scheduler.waitForEvent(action.externalEventName);
    case ActionType.WhenAny:
      return whenAny(action.compoundActions.map(again));
    case ActionType.WhenAll:
      return whenAll(action.compoundActions.map(again));
    case ActionType.ContinueAsNew:
      scheduler.continueAsNew = { input: action.input };
      return settled();
    default:
      throw new Error(unknownAction(action));
  }
}

function unknownAction(action: never): string {
  const { actionType } = action as { actionType?: unknown };
  return `Action type ${String(actionType)} is not implemented by the local host (entities and durable HTTP are left out).`;
}

interface Call {
  functionName: string;
  input?: unknown;
}

function callActivity(call: Call, scheduler: Scheduler, settings: WalkSettings): Future {
  settings.requireFunction("activity", call.functionName);
  return scheduler.start({ kind: "activity", name: call.functionName, input: call.input });
}

function callSubOrchestrator(
  call: Call & { instanceId?: string; version?: string },
  scheduler: Scheduler,
  settings: WalkSettings,
): Future {
  settings.requireFunction("orchestrator", call.functionName);
  return scheduler.start({
    kind: "subOrchestration",
    name: call.functionName,
    instanceId: call.instanceId ?? "",
    input: call.input,
    version: call.version ?? null,
  });
}

/**
 * The host owns the retry loop (DTF RetryInterceptor.cs). The SDK counts along and waits for one more timer
 * after the last failed attempt, so that timer is created too, due at once: without it the instance hangs.
 */
function* retry(options: RetryOptions, scheduler: Scheduler, attempt: () => Future): Coroutine {
  const giveUpAt = scheduler.now + (options.retryTimeoutInMilliseconds ?? Infinity);
  for (let tried = 1; tried <= options.maxNumberOfAttempts; tried += 1) {
    if ((yield attempt()) === "succeeded") return "succeeded";
    if (scheduler.now >= giveUpAt) break;
    const last = tried === options.maxNumberOfAttempts;
    const delay = last ? 0 : retryDelay(options, tried);
    yield scheduler.start({ kind: "timer", fireAt: scheduler.now + delay, canceled: false });
  }
  return "failed";
}

/** The wait after failed attempt number `tried`, counted from 1. */
export function retryDelay(options: RetryOptions, tried: number): number {
  const backoff = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (tried - 1);
  return Math.min(backoff, options.maxRetryIntervalInMilliseconds ?? defaultMaximumRetryInterval);
}

/** One timer, or the chain the SDK expects for a wait beyond the storage limit (DJS task/LongTimerTask.ts). */
function* timer(fireAt: number, canceled: boolean, scheduler: Scheduler, settings: WalkSettings): Coroutine {
  for (;;) {
    const tooLong = fireAt - scheduler.now > settings.maximumShortTimer;
    const next = tooLong ? scheduler.now + settings.longTimerInterval : fireAt;
    const outcome = yield scheduler.start({ kind: "timer", fireAt: next, canceled });
    // A single timer's end counts whatever the clock says.
    if (canceled || !tooLong || scheduler.now >= fireAt) return outcome;
  }
}
