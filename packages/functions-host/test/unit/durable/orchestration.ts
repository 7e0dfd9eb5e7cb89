import type { OrchestrationHandler } from "durable-functions";
import { createDurableEngine } from "../../../src/durable/engine.ts";
import type { DurableOptions } from "../../../src/durable/engine.ts";
import { handlerFunctions } from "../../../src/durable/handlers.ts";
import type { ActivityHandler } from "../../../src/durable/handlers.ts";
import { EventType, eventTypeName } from "../../../src/durable/history.ts";
import { sdkOrchestrator } from "../../../src/durable/sdk.ts";
import { isFinished } from "../../../src/durable/state.ts";
import { createMemoryStore } from "../../../src/durable/store.ts";
import type { DurableStore } from "../../../src/durable/store.ts";
import { createVirtualClock } from "../../../src/durable/virtual-clock.ts";
import type { VirtualClock } from "../../../src/durable/virtual-clock.ts";

export interface Parts {
  orchestrators: Record<string, OrchestrationHandler>;
  activities?: Record<string, ActivityHandler>;
  options?: DurableOptions;
  store?: DurableStore;
  clock?: VirtualClock;
  /** What orchestrators write to the log, line by line. */
  log?: (line: string) => void;
}

/** The real SDK on the engine, in virtual time. The orchestrator under test is called `main`. */
export function taskHub({ orchestrators, activities = {}, options, store, clock, log }: Parts) {
  const time = clock ?? createVirtualClock();
  const engine = createDurableEngine({
    clock: time,
    store: store ?? createMemoryStore(),
    invoke: handlerFunctions({
      orchestrators: Object.fromEntries(
        Object.entries(orchestrators).map(([name, handler]) => [name, sdkOrchestrator(handler, log)]),
      ),
      activities,
    }),
    ...(options ? { options } : {}),
  });
  const statusOf = (id: string) => {
    const status = engine.getStatus(id);
    if (!status) throw new Error(`There is no instance '${id}'.`);
    return status;
  };
  return {
    engine,
    clock: time,
    statusOf,
    /** Runs until nothing is left to do but to wait for a timer or the outside. */
    settle: () => time.drive(engine, () => true),
    /** Runs until the instance has ended, or nothing can happen any more. */
    async finish(id = "one") {
      await time.drive(engine, () => isFinished(statusOf(id).runtimeStatus));
      return statusOf(id);
    },
    /** Names of the events in an instance's history, without the marks of its episodes. */
    events: (id = "one") =>
      engine
        .history(id)
        .filter(
          ({ EventType: type }) =>
            type !== EventType.OrchestratorStarted && type !== EventType.OrchestratorCompleted,
        )
        .map(eventTypeName),
  };
}

/** Runs one orchestration to its end. */
export async function runToEnd(
  main: OrchestrationHandler,
  parts: Omit<Parts, "orchestrators"> & { input?: unknown } = {},
) {
  const { input, ...rest } = parts;
  const hub = taskHub({ orchestrators: { main }, ...rest });
  const startedAt = hub.clock.now();
  hub.engine.start("main", input, "one");
  const status = await hub.finish();
  return { ...hub, status, elapsed: hub.clock.now() - startedAt };
}

/** An activity that fails a number of times before it succeeds, counting its calls. */
export function failing(times: number) {
  const counter = { calls: 0, activity: (input: unknown) => attempt(input) };
  const attempt = (input: unknown) => {
    counter.calls += 1;
    if (counter.calls <= times) throw new Error(`failure ${counter.calls}`);
    return input ?? "ok";
  };
  return counter;
}

/** The text of what was caught. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
