import { expect, it } from "vitest";
import { createDurableEngine } from "../../../src/durable/engine.ts";
import { handlerFunctions } from "../../../src/durable/handlers.ts";
import { sdkOrchestrator } from "../../../src/durable/sdk.ts";
import { createMemoryStore } from "../../../src/durable/store.ts";
import { createVirtualClock } from "../../../src/durable/virtual-clock.ts";

it("a client's start waits as long as it is told to, a child's doesn't", async () => {
  const clock = createVirtualClock();
  const begun: Record<string, number> = {};
  const note = (input: unknown) => (begun[String(input)] = clock.now());
  const engine = createDurableEngine({
    clock,
    store: createMemoryStore(),
    options: { startDelay: 5 },
    invoke: handlerFunctions({
      orchestrators: {
        parent: sdkOrchestrator(function* (context) {
          yield context.df.callActivity("note", "parent");
          yield context.df.callSubOrchestrator("child");
        }),
        child: sdkOrchestrator(function* (context) {
          yield context.df.callActivity("note", "child");
        }),
      },
      activities: { note },
    }),
  });
  const startedAt = clock.now();
  engine.start("parent", undefined, "one");
  await clock.drive(engine, () => engine.getStatus("one")?.runtimeStatus === "Completed");
  expect(begun).toEqual({ parent: startedAt + 5, child: startedAt + 5 });
});
