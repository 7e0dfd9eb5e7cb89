/**
 * What an orchestrator function hands back: the actions it took since the start of this generation, and how
 * it ended (DJS orchestrations/OrchestratorState.ts, EXT Listener/OutOfProcOrchestrationShim.cs).
 */
export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  WhenAny: 11,
  WhenAll: 12,
} as const;

type Kind = typeof ActionType;

export interface RetryOptions {
  firstRetryIntervalInMilliseconds: number;
  maxNumberOfAttempts: number;
  backoffCoefficient?: number;
  maxRetryIntervalInMilliseconds?: number;
  retryTimeoutInMilliseconds?: number;
}

interface CallSubOrchestrator {
  functionName: string;
  instanceId?: string;
  input?: unknown;
  version?: string;
}

export type Action =
  | { actionType: Kind["CallActivity"]; functionName: string; input?: unknown }
  | {
      actionType: Kind["CallActivityWithRetry"];
      functionName: string;
      input?: unknown;
      retryOptions: RetryOptions;
    }
  | ({ actionType: Kind["CallSubOrchestrator"] } & CallSubOrchestrator)
  | ({ actionType: Kind["CallSubOrchestratorWithRetry"]; retryOptions: RetryOptions } & CallSubOrchestrator)
  | { actionType: Kind["ContinueAsNew"]; input?: unknown }
  | { actionType: Kind["CreateTimer"]; fireAt: string; isCanceled: boolean }
  | { actionType: Kind["WaitForExternalEvent"]; externalEventName: string }
  | { actionType: Kind["WhenAny"]; compoundActions: Action[] }
  | { actionType: Kind["WhenAll"]; compoundActions: Action[] };

export interface OrchestratorState {
  isDone: boolean;
  actions: Action[];
  output?: unknown;
  customStatus?: unknown;
  /** Set when the orchestrator threw; its replayed actions still count. */
  error?: string;
  failureDetails?: unknown;
}

/** A function either reported its state or broke before it could. */
export type OrchestratorResult = { state: OrchestratorState } | { broken: string };

// The SDK smuggles the state of a failed orchestrator through the message of the error it throws
// (DJS error/OrchestrationFailureError.ts; EXT OutOfProcExceptionHelpers.cs cuts at the same label).
const failureLabel = "\n\n$OutOfProcData$:";

/** Runs an orchestrator function and reads its state from what it returns or throws. */
export async function readOrchestrator(run: () => Promise<unknown>): Promise<OrchestratorResult> {
  try {
    return { state: parseState(await run(), false) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const cut = message.indexOf(failureLabel);
    if (cut < 0) return { broken: message };
    return { state: parseState(JSON.parse(message.slice(cut + failureLabel.length)), true) };
  }
}

function parseState(value: unknown, threw: boolean): OrchestratorState {
  const state = value as {
    isDone?: boolean;
    actions?: Action[][];
    output?: unknown;
    customStatus?: unknown;
    error?: string;
    failureDetails?: unknown;
  } | null;
  const actions = state?.actions;
  // Since schema V2 there is exactly one inner list, one entry per yield.
  if (!actions || actions.length !== 1 || !actions[0]) {
    throw new Error("The orchestrator returned no action list of schema V2 or later.");
  }
  return {
    isDone: state.isDone === true,
    actions: actions[0],
    output: state.output,
    customStatus: state.customStatus,
    ...(threw ? { error: state.error ?? "" } : {}),
    ...(state.failureDetails === undefined ? {} : { failureDetails: state.failureDetails }),
  };
}
