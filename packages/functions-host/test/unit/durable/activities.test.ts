import { expect, test } from "vitest";
import { messageOf, runToEnd, taskHub } from "./orchestration.ts";

test("an orchestration without activities completes with what it returns", async () => {
  const { status, events } = await runToEnd(function* () {
    yield* [];
    return { answer: 42 };
  });
  expect(status).toMatchObject({ runtimeStatus: "Completed", output: { answer: 42 } });
  expect(events()).toEqual(["ExecutionStarted", "ExecutionCompleted"]);
});

test.each([
  ["a string", "abc", "abc"],
  ["a string that looks like a number", "5", "5"],
  ["a number", 5, 5],
  ["a fraction", 1.5, 1.5],
  ["an object", { a: [1, { b: null }] }, { a: [1, { b: null }] }],
  ["null", null, "undefined"],
  ["nothing", undefined, "undefined"],
  // .NET formatting: pass objects, never bare booleans.
  ["a boolean", true, "True"],
])("an activity receives %s as the real host delivers it", async (_what, input, received) => {
  const { status } = await runToEnd(
    function* (context) {
      return (yield context.df.callActivity("show", input)) as unknown;
    },
    { activities: { show: (value) => (value === undefined ? "undefined" : value) } },
  );
  expect(status.output).toEqual(received);
});

test("an activity that returns nothing yields null", async () => {
  const { status } = await runToEnd(
    function* (context) {
      return (yield context.df.callActivity("quiet")) as unknown;
    },
    { activities: { quiet: () => undefined } },
  );
  expect(status).toMatchObject({ runtimeStatus: "Completed", output: null });
});

test("a failing activity throws its reason, two blanks and all, into the orchestrator", async () => {
  const { status } = await runToEnd(
    function* (context) {
      try {
        yield context.df.callActivity("broken");
        return "unreachable";
      } catch (error) {
        return messageOf(error);
      }
    },
    {
      activities: {
        broken: () => {
          throw new Error("no paint left");
        },
      },
    },
  );
  expect(status.output).toMatch(
    /^Activity function 'broken' failed: {2}no paint left \n \{.*"Message":"no paint left"/,
  );
});

test("an activity's failure that nobody catches fails the instance with the extension's words", async () => {
  const { status } = await runToEnd(
    function* (context) {
      yield context.df.callActivity("broken");
    },
    {
      activities: {
        broken: () => {
          throw new Error("no paint left");
        },
      },
    },
  );
  expect(status.runtimeStatus).toBe("Failed");
  expect(status.output).toMatch(
    /^Orchestrator function 'main' failed: Activity function 'broken' failed: {2}no paint left/,
  );
});

test("an orchestrator that throws fails the instance with its message", async () => {
  const { status } = await runToEnd(function* () {
    yield* [];
    throw new Error("changed my mind");
  });
  expect(status).toMatchObject({
    runtimeStatus: "Failed",
    output: "Orchestrator function 'main' failed: changed my mind",
  });
});

test("an orchestrator that throws an error without a message fails all the same", async () => {
  const { status } = await runToEnd(function* () {
    yield* [];
    throw new Error("");
  });
  expect(status.runtimeStatus).toBe("Failed");
});

test("an unknown activity name fails the instance and lists the known ones", async () => {
  const { status } = await runToEnd(
    function* (context) {
      try {
        yield context.df.callActivity("absent");
      } catch {
        return "the orchestrator never hears of it";
      }
      return "unreachable";
    },
    { activities: { present: () => 1 } },
  );
  expect(status).toMatchObject({
    runtimeStatus: "Failed",
    output:
      "Orchestrator function 'main' failed: The function 'absent' doesn't exist, is disabled, or is not an activity " +
      "function. Additional info: The following are the known activity functions: 'present'.",
  });
});

test("function names ignore case", async () => {
  const hub = taskHub({
    orchestrators: {
      *Main(context) {
        return (yield context.df.callActivity("SHOW", 1)) as unknown;
      },
    },
    activities: { show: (value) => value },
  });
  hub.engine.start("mAIN", undefined, "one");
  expect(await hub.finish()).toMatchObject({ name: "Main", runtimeStatus: "Completed", output: 1 });
});

test("the history keeps an activity's result and not its input", async () => {
  const { engine } = await runToEnd(
    function* (context) {
      return (yield context.df.callActivity("show", { secret: 1 })) as unknown;
    },
    { activities: { show: () => "result" } },
  );
  const history = engine.history("one");
  expect(history.find((event) => event.EventType === 4)).toMatchObject({
    EventId: 0,
    Name: "show",
    Input: null,
  });
  expect(history.find((event) => event.EventType === 5)).toMatchObject({
    TaskScheduledId: 0,
    Result: '"result"',
  });
});

test("custom status follows each episode and goes back to null when it is not set again", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        context.df.setCustomStatus({ step: 1 });
        yield context.df.waitForExternalEvent("go");
        context.df.setCustomStatus(null);
        yield context.df.waitForExternalEvent("go");
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  await hub.settle();
  expect(hub.statusOf("one").customStatus).toEqual({ step: 1 });
  hub.engine.raiseEvent("one", "go");
  await hub.settle();
  expect(hub.statusOf("one").customStatus).toBeNull();
});

test("no more activities run at once than allowed, and all of them run", async () => {
  const load = { now: 0, most: 0 };
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const calls = Array.from({ length: 7 }, (_, index) => context.df.callActivity("work", { index }));
        return (yield context.df.Task.all(calls)) as unknown;
      },
    },
    activities: {
      work: async () => {
        load.now += 1;
        load.most = Math.max(load.most, load.now);
        await hub.clock.sleep(1000);
        load.now -= 1;
        return 1;
      },
    },
    options: { maxConcurrentActivities: 3 },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(load.most).toBe(3);
});
