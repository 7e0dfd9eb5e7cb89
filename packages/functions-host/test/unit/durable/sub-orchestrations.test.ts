import { RetryOptions } from "durable-functions";
import { expect, test } from "vitest";
import { failing, messageOf, taskHub } from "./orchestration.ts";

test("a child's output is its parent's result, and the child knows its parent", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        return (yield context.df.callSubOrchestrator("child", { n: 4 })) as unknown;
      },
      *child(context) {
        yield* [];
        return { input: context.df.getInput<unknown>(), parent: context.df.parentInstanceId };
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toEqual({ input: { n: 4 }, parent: "one" });
});

test("children run in parallel under their own ids, by default made of the parent's execution and the task number", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        return (yield context.df.Task.all([
          context.df.callSubOrchestrator("child", 1, "named"),
          context.df.callSubOrchestrator("child", 2),
        ])) as unknown;
      },
      *child(context) {
        return (yield context.df.callActivity("double", context.df.getInput<number>())) as unknown;
      },
    },
    activities: { double: (value) => Number(value) * 2 },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toEqual([2, 4]);
  const ids = hub.engine.list().map(({ id }) => id);
  expect(ids).toHaveLength(3);
  expect(ids).toContain("named");
  expect(ids.some((id) => /^[0-9a-f]{32}:1$/.test(id))).toBe(true);
});

test("a failing child throws its words into the parent", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        try {
          yield context.df.callSubOrchestrator("child");
          return "unreachable";
        } catch (error) {
          return messageOf(error);
        }
      },
      *child() {
        yield* [];
        throw new Error("the child refused");
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toContain("Orchestrator function 'child' failed: the child refused");
});

test("a failing child is started again after the wait, each time as a new instance", async () => {
  const flaky = failing(2);
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        return (yield context.df.callSubOrchestratorWithRetry(
          "child",
          new RetryOptions(3000, 3),
          "x",
        )) as unknown;
      },
      *child(context) {
        return (yield context.df.callActivity("flaky", context.df.getInput<string>())) as unknown;
      },
    },
    activities: { flaky: flaky.activity },
  });
  const startedAt = hub.clock.now();
  hub.engine.start("main", undefined, "one");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: "x" });
  expect(hub.clock.now() - startedAt).toBe(6000);
  expect(
    hub.engine
      .list()
      .filter(({ name }) => name === "child")
      .map(({ status }) => status),
  ).toEqual(["Failed", "Failed", "Completed"]);
});

test("a child under the id of a running instance fails at once, and that instance is left alone", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        try {
          yield context.df.callSubOrchestrator("waits", undefined, "taken");
          return "unreachable";
        } catch (error) {
          return messageOf(error);
        }
      },
      *waits(context) {
        yield context.df.waitForExternalEvent("never");
      },
    },
  });
  hub.engine.start("waits", undefined, "taken");
  await hub.settle();
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toContain(
    "An Orchestration instance with the status Running already exists.",
  );
  expect(hub.statusOf("taken").runtimeStatus).toBe("Running");
});

test("an unknown child name fails the parent and starts no child", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        yield context.df.callSubOrchestrator("absent");
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  const status = await hub.finish();
  expect(status.runtimeStatus).toBe("Failed");
  expect(status.output).toContain(
    "The function 'absent' doesn't exist, is disabled, or is not an orchestrator function.",
  );
  expect(hub.engine.list()).toHaveLength(1);
});

test("a terminated child fails its parent's task with the reason", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        try {
          yield context.df.callSubOrchestrator("waits", undefined, "child");
          return "unreachable";
        } catch (error) {
          return messageOf(error);
        }
      },
      *waits(context) {
        yield context.df.waitForExternalEvent("never");
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  await hub.settle();
  hub.engine.terminate("child", "no longer wanted");
  expect((await hub.finish()).output).toContain("no longer wanted");
});
