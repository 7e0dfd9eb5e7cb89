import { expect, test } from "vitest";
import { runToEnd, taskHub } from "./orchestration.ts";

const hour = 3_600_000;
const day = 24 * hour;
const after = (context: { df: { currentUtcDateTime: Date } }, milliseconds: number) =>
  new Date(context.df.currentUtcDateTime.getTime() + milliseconds);

test("a timer moves the orchestration's clock to its time and not before", async () => {
  const { status, elapsed } = await runToEnd(function* (context) {
    const start = context.df.currentUtcDateTime.getTime();
    yield context.df.createTimer(after(context, 90_000));
    return context.df.currentUtcDateTime.getTime() - start;
  });
  expect(status.output).toBe(90_000);
  expect(elapsed).toBe(90_000);
});

test("a timer for a moment in the past fires at once", async () => {
  const { status, elapsed } = await runToEnd(function* (context) {
    yield context.df.createTimer(after(context, -hour));
    return "on time";
  });
  expect(status.output).toBe("on time");
  expect(elapsed).toBe(0);
});

test("a timer beyond the storage limit becomes a chain, and the call after it gets the right number", async () => {
  const { status, elapsed, engine } = await runToEnd(
    function* (context) {
      yield context.df.createTimer(after(context, 20 * day));
      return (yield context.df.callActivity("work", "done")) as unknown;
    },
    { activities: { work: (value) => value } },
  );
  expect(status.output).toBe("done");
  expect(elapsed).toBe(20 * day);
  const links = engine.history("one").filter((event) => event.EventType === 10);
  // 3 days each while more than 6 remain: 3, 6, 9, 12, 15 and then the rest.
  expect(links).toHaveLength(6);
});

test("a timer of exactly the limit is a single one", async () => {
  const { events } = await runToEnd(function* (context) {
    yield context.df.createTimer(after(context, 6 * day));
  });
  expect(events()).toEqual(["ExecutionStarted", "TimerCreated", "TimerFired", "ExecutionCompleted"]);
});

test("a canceled losing timer ends with the orchestration and is waited for by nobody", async () => {
  const { status, elapsed, clock } = await runToEnd(
    function* (context) {
      const deadline = context.df.createTimer(after(context, hour));
      const work = context.df.callActivity("work", "done");
      const winner = (yield context.df.Task.any([work, deadline])) as unknown;
      if (winner === work) deadline.cancel();
      return work.result;
    },
    { activities: { work: (value) => value } },
  );
  expect(status).toMatchObject({ runtimeStatus: "Completed", output: "done" });
  expect(elapsed).toBe(0);
  expect(clock.advance()).toBe(false);
});

test("a losing timer left open keeps the instance running until it fires", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const deadline = context.df.createTimer(after(context, hour));
        const work = context.df.callActivity("work", "done");
        yield context.df.Task.any([work, deadline]);
        return "returned";
      },
    },
    activities: { work: (value) => value },
  });
  hub.engine.start("main", undefined, "one");
  await hub.settle();
  expect(hub.statusOf("one").runtimeStatus).toBe("Running");
  const startedAt = hub.clock.now();
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: "returned" });
  expect(hub.clock.now() - startedAt).toBe(hour);
});

test("a losing activity left open keeps the instance running too", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const deadline = context.df.createTimer(after(context, 1000));
        yield context.df.Task.any([context.df.callActivity("slow"), deadline]);
        return "too late";
      },
    },
    activities: { slow: () => hub.clock.sleep(5000) },
  });
  const startedAt = hub.clock.now();
  hub.engine.start("main", undefined, "one");
  expect(await hub.finish()).toMatchObject({ output: "too late" });
  expect(hub.clock.now() - startedAt).toBe(5000);
});

test("the deadline wins over work that takes too long", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const deadline = context.df.createTimer(after(context, 1000));
        const winner = (yield context.df.Task.any([context.df.callActivity("slow"), deadline])) as unknown;
        return winner === deadline ? "deadline" : "work";
      },
    },
    activities: { slow: () => hub.clock.sleep(5000) },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toBe("deadline");
});

test("a canceled timer still takes a number, and the orchestration goes on after it", async () => {
  const { status, engine } = await runToEnd(
    function* (context) {
      const deadline = context.df.createTimer(after(context, hour));
      const first = context.df.callActivity("work", "first");
      yield context.df.Task.any([first, deadline]);
      deadline.cancel();
      const second = (yield context.df.callActivity("work", "second")) as unknown;
      yield context.df.createTimer(after(context, 2 * hour));
      return second;
    },
    { activities: { work: (value) => value } },
  );
  expect(status).toMatchObject({ runtimeStatus: "Completed", output: "second" });
  const numbers = engine.history("one").flatMap((event) => (event.EventId >= 0 ? [event.EventId] : []));
  expect(numbers.sort()).toEqual([0, 1, 2, 3, 4]);
});

test("a timer ends up to a second early, as a queue message whose delay is whole seconds does", async () => {
  const { status, events } = await runToEnd(function* (context) {
    const start = context.df.currentUtcDateTime.getTime();
    const passed: number[] = [];
    for (const milliseconds of [700, 1_999, 2_000]) {
      yield context.df.createTimer(after(context, milliseconds));
      passed.push(context.df.currentUtcDateTime.getTime() - start);
    }
    return passed;
  });
  expect(status.output).toEqual([0, 1_000, 3_000]);
  expect(events().filter((event) => event === "TimerFired")).toHaveLength(3);
});
