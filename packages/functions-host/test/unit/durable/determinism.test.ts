import type { OrchestrationHandler } from "durable-functions";
import { expect, test } from "vitest";
import { createMemoryStore } from "../../../src/durable/store.ts";
import { createVirtualClock } from "../../../src/durable/virtual-clock.ts";
import { taskHub } from "./orchestration.ts";

/** Runs `before` until it waits for an event, then goes on with `after`, as if the code had been changed. */
async function changeCode(before: OrchestrationHandler, after: OrchestrationHandler) {
  const shared = { store: createMemoryStore(), clock: createVirtualClock() };
  const activities = { old: () => 1, new: () => 2 };
  const first = taskHub({ ...shared, activities, orchestrators: { main: before, child: before } });
  first.engine.start("main", undefined, "one");
  await first.settle();
  await first.engine.stop();
  const second = taskHub({ ...shared, activities, orchestrators: { main: after, child: after } });
  second.engine.raiseEvent("one", "go");
  return second.finish();
}

const wait: OrchestrationHandler = function* (context) {
  yield context.df.callActivity("old");
  yield context.df.waitForExternalEvent("go");
  return "unchanged";
};

test("unchanged code goes on after a restart", async () => {
  expect(await changeCode(wait, wait)).toMatchObject({ runtimeStatus: "Completed", output: "unchanged" });
});

test("another activity in the same place fails the instance and names both", async () => {
  const status = await changeCode(wait, function* (context) {
    yield context.df.callActivity("new");
    yield context.df.waitForExternalEvent("go");
  });
  expect(status.runtimeStatus).toBe("Failed");
  expect(status.output).toMatch(
    /^Non-Deterministic workflow detected: .*an activity named 'old' with sequence ID 0, .*an activity named 'new'/,
  );
});

test("a timer in the place of an activity fails the instance", async () => {
  const status = await changeCode(wait, function* (context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
    yield context.df.waitForExternalEvent("go");
  });
  expect(status.output).toContain("Non-Deterministic workflow detected");
});

test("a step left out fails the instance", async () => {
  const status = await changeCode(wait, function* (context) {
    yield context.df.waitForExternalEvent("go");
  });
  expect(status).toMatchObject({
    runtimeStatus: "Failed",
    output: expect.stringContaining("started nothing there") as string,
  });
});

test("new steps after the recorded ones are no change to what has happened", async () => {
  const status = await changeCode(wait, function* (context) {
    yield context.df.callActivity("old");
    yield context.df.waitForExternalEvent("go");
    return (yield context.df.callActivity("new")) as unknown;
  });
  expect(status).toMatchObject({ runtimeStatus: "Completed", output: 2 });
});

test("a retrying task raced against a canceled timer fails as non-deterministic, the real host's trap", async () => {
  const { RetryOptions } = await import("durable-functions");
  let calls = 0;
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const deadline = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        const flaky = context.df.callActivityWithRetry("flaky", new RetryOptions(1000, 3));
        yield context.df.Task.any([flaky, deadline]);
        deadline.cancel();
        yield context.df.callActivity("next");
      },
    },
    activities: {
      flaky: () => {
        calls += 1;
        if (calls === 1) throw new Error("once");
        return 1;
      },
      next: () => 1,
    },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toContain("Non-Deterministic workflow detected");
});
