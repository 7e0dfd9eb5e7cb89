import type { OrchestratorResult } from "./actions.ts";
import type { HistoryEvent } from "./history.ts";

export type FunctionKind = "activity" | "orchestrator";

/** What an orchestrator function receives (EXT OrchestrationTriggerAttributeBindingProvider.cs). */
export interface OrchestrationTrigger {
  history: HistoryEvent[];
  input: unknown;
  instanceId: string;
  isReplaying: boolean;
  parentInstanceId: string | null;
  upperSchemaVersion: number;
  upperSchemaVersionNew: number;
  longRunningTimerIntervalDuration: string;
  maximumShortTimerDuration: string;
  // The extension really spells it so.
  defaultHttpAsyncRequestSleepTimeMillseconds: number;
}

export interface ActivityCall {
  instanceId: string;
  taskId: number;
  /** Input as text, which the function library parses as JSON when it can; null for none. */
  input: string | null;
  /** W3C traceparent of the orchestration. */
  trace?: string | undefined;
}

/** The engine's way to the functions it runs. */
export interface DurableFunctions {
  /** The registered spelling of a name; lookups ignore case. */
  find(kind: FunctionKind, name: string): string | undefined;
  names(kind: FunctionKind): string[];
  orchestrate(name: string, trigger: OrchestrationTrigger): Promise<OrchestratorResult>;
  /** Runs an activity and returns its result as JSON text. A throw is the activity's failure. */
  act(name: string, call: ActivityCall): Promise<string>;
}

/** Thrown for a name nobody registered, in the extension's words. */
export function missingFunction(functions: DurableFunctions, kind: FunctionKind, name: string): Error {
  const known = functions.names(kind).map((each) => `'${each}'`);
  const info =
    known.length === 0
      ? `No ${kind} functions are currently registered!`
      : `The following are the known ${kind} functions: ${known.join(", ")}.`;
  const article = kind === "activity" ? "an activity" : "an orchestrator";
  return new Error(
    `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Additional info: ${info}`,
  );
}
