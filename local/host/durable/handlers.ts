import { readOrchestrator } from "./actions.ts";
import type { DurableFunctions, FunctionKind, OrchestrationTrigger } from "./functions.ts";
import { json } from "./shim.ts";
import { parsed } from "./status.ts";

/** An orchestrator in the form the SDK's listener has: trigger in, orchestrator state out. */
export type OrchestratorHandler = (trigger: OrchestrationTrigger) => Promise<unknown>;
export type ActivityHandler = (input: unknown, call: { instanceId: string; taskId: number }) => unknown;

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
  return {
    find: (kind, name) => tables[kind].get(name.toLowerCase()),
    names: (kind) => [...tables[kind].values()],
    orchestrate: (name, trigger) =>
      readOrchestrator(async () => {
        const handler = handlers.orchestrators[name];
        if (!handler) throw new Error(`No orchestrator '${name}'.`);
        return throughJson(await handler(throughJson(trigger) as OrchestrationTrigger));
      }),
    async act(name, { input, ...call }) {
      const handler = handlers.activities[name];
      if (!handler) throw new Error(`No activity '${name}'.`);
      return json(await handler(input === null ? undefined : parsed(input), call));
    },
  };
}

function byLowerName(handlers: Readonly<Record<string, unknown>>): Map<string, string> {
  return new Map(Object.keys(handlers).map((name) => [name.toLowerCase(), name]));
}

function throughJson(value: unknown): unknown {
  return JSON.parse(json(value));
}
