import { readOrchestrator } from "./actions.ts";
import type { ActivityCall, DurableFunctions, FunctionKind, OrchestrationTrigger } from "./functions.ts";
import { missingFunction } from "./functions.ts";
import { json } from "./shim.ts";
import { parsed } from "./status.ts";

/** An orchestrator in the form the SDK's listener has: trigger in, orchestrator state out. */
export type OrchestratorHandler = (trigger: OrchestrationTrigger) => Promise<unknown>;
export type ActivityHandler = (input: unknown, call: Omit<ActivityCall, "input">) => unknown;

/**
 * Functions given as plain handlers, for running orchestrations without a worker. Values cross as JSON, as
 * they do between host and worker, so what does not survive that is lost here too.
 */
export function handlerFunctions(handlers: {
  orchestrators: Readonly<Record<string, OrchestratorHandler>>;
  activities: Readonly<Record<string, ActivityHandler>>;
}): DurableFunctions {
  const tables: Record<FunctionKind, Map<string, string>> = {
    orchestrator: byLowerName(handlers.orchestrators),
    activity: byLowerName(handlers.activities),
  };
  const durable: DurableFunctions = {
    find: (kind, name) => tables[kind].get(name.toLowerCase()),
    names: (kind) => [...tables[kind].values()],
    orchestrate: (name, trigger) =>
      readOrchestrator(async () => {
        const handler = handlers.orchestrators[durable.find("orchestrator", name) ?? name];
        if (!handler) throw missingFunction(durable, "orchestrator", name);
        return throughJson(await handler(throughJson(trigger) as OrchestrationTrigger));
      }),
    async act(name, { input, ...call }) {
      const handler = handlers.activities[durable.find("activity", name) ?? name];
      if (!handler) throw missingFunction(durable, "activity", name);
      return json(await handler(input === null ? undefined : parsed(input), call));
    },
  };
  return durable;
}

function byLowerName(handlers: Readonly<Record<string, unknown>>): Map<string, string> {
  return new Map(Object.keys(handlers).map((name) => [name.toLowerCase(), name]));
}

function throughJson(value: unknown): unknown {
  return JSON.parse(json(value));
}
