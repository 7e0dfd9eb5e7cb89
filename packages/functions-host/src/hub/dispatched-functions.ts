import type { OrchestratorResult } from "../durable/actions.ts";
import type { DurableFunctions } from "../durable/functions.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { FunctionNames, Outcome } from "./messages.ts";

/** The engine's functions, run by whichever instance takes them. All instances run the same app. */
export function dispatchedFunctions(run: Dispatcher["run"], names: FunctionNames): DurableFunctions {
  return {
    find: (kind, name) => names[kind].find((each) => each.toLowerCase() === name.toLowerCase()),
    names: (kind) => names[kind],
    orchestrate: async (name, trigger) => {
      const outcome = await run({ kind: "orchestrator", name, trigger });
      return valueOf(outcome) as OrchestratorResult;
    },
    act: async (name, call) => valueOf(await run({ kind: "activity", name, call })) as string,
  };
}

function valueOf(outcome: Outcome): string | OrchestratorResult {
  if ("error" in outcome) throw new Error(outcome.error);
  return outcome.value;
}
