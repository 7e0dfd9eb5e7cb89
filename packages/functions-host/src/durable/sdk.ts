import { createRequire } from "node:module";
import { DummyOrchestrationContext } from "durable-functions";
import type { OrchestrationHandler } from "durable-functions";
import type { OrchestratorHandler } from "./handlers.ts";

type SdkListener = (trigger: unknown, context: DummyOrchestrationContext) => Promise<unknown>;
interface SdkOrchestrator {
  listen(): SdkListener;
}

// The package offers no public way to its replaying listener without registering a function with a worker.
const { Orchestrator } = createRequire(import.meta.url)(
  "durable-functions/lib/src/orchestrations/Orchestrator.js",
) as { Orchestrator: new (handler: OrchestrationHandler) => SdkOrchestrator };

/**
 * Makes a generator function into what a worker would run: the real SDK replays it. For tests of orchestrations,
 * which then need neither a worker nor HTTP.
 */
export function sdkOrchestrator(
  handler: OrchestrationHandler,
  log: (text: string) => void = () => undefined,
): OrchestratorHandler {
  return (trigger) => {
    const context = new DummyOrchestrationContext("orchestrator", trigger.instanceId, (_level, ...parts) =>
      log(parts.map(String).join(" ")),
    );
    return new Orchestrator(handler).listen()(trigger, context);
  };
}
