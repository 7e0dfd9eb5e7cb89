import { expect, test } from "vitest";
import { taskHub } from "./orchestration.ts";

test("each generation starts with the new input and an empty history, and stays the same instance", async () => {
  const executions: string[] = [];
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const { left } = context.df.getInput<{ left: number }>();
        executions.push(hub.engine.list()[0]!.executionId);
        yield context.df.callActivity("work", { left });
        if (left > 0) context.df.continueAsNew({ left: left - 1 });
        return left;
      },
    },
    activities: { work: (value) => value },
  });
  hub.engine.start("main", { left: 3 }, "one");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: 0, input: { left: 0 } });
  expect(new Set(executions).size).toBe(4);
  expect(hub.events()).toEqual(["ExecutionStarted", "TaskScheduled", "TaskCompleted", "ExecutionCompleted"]);
});

test("a child that continues as new still answers its parent", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        return (yield context.df.callSubOrchestrator("child", { left: 2 })) as unknown;
      },
      *child(context) {
        const { left } = context.df.getInput<{ left: number }>();
        yield* [];
        if (left > 0) context.df.continueAsNew({ left: left - 1 });
        return "in the end";
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toBe("in the end");
});

test("an open timer holds the next generation back until it fires", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const { again } = context.df.getInput<{ again: boolean }>();
        if (!again) return "second generation";
        const deadline = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        yield context.df.Task.any([context.df.callActivity("work"), deadline]);
        context.df.continueAsNew({ again: false });
        return undefined;
      },
    },
    activities: { work: () => 1 },
  });
  const startedAt = hub.clock.now();
  hub.engine.start("main", { again: true }, "one");
  expect((await hub.finish()).output).toBe("second generation");
  expect(hub.clock.now() - startedAt).toBe(60_000);
});

test("an event that comes after the decision reaches the next generation; one buffered before it is lost", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const { generation } = context.df.getInput<{ generation: number }>();
        if (generation === 2) return (yield context.df.waitForExternalEvent("go")) as unknown;
        yield context.df.waitForExternalEvent("turn");
        context.df.continueAsNew({ generation: 2 });
        return undefined;
      },
    },
  });
  hub.engine.start("main", { generation: 1 }, "one");
  hub.engine.raiseEvent("one", "go", "buffered, then lost");
  await hub.settle();
  hub.engine.raiseEvent("one", "turn");
  hub.engine.raiseEvent("one", "go", "carried over");
  expect((await hub.finish()).output).toBe("carried over");
});

test("an event played in the very episode of the decision is carried over", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const { generation } = context.df.getInput<{ generation: number }>();
        const event = (yield context.df.waitForExternalEvent(generation === 1 ? "turn" : "go")) as unknown;
        if (generation === 1) context.df.continueAsNew({ generation: 2 });
        return event;
      },
    },
  });
  hub.engine.start("main", { generation: 1 }, "one");
  await hub.settle();
  // Suspended, the instance collects both events and plays them together.
  hub.engine.suspend("one", "");
  hub.engine.raiseEvent("one", "turn");
  hub.engine.raiseEvent("one", "go", "carried over");
  await hub.settle();
  hub.engine.resume("one", "");
  expect((await hub.finish()).output).toBe("carried over");
});

test("a bare string comes back with an extra pair of quotes, as on the real host", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        yield* [];
        const input = context.df.getInput<string>();
        if (input === "first") context.df.continueAsNew("second");
        return input;
      },
    },
  });
  hub.engine.start("main", "first", "one");
  expect((await hub.finish()).output).toBe('"second"');
});
