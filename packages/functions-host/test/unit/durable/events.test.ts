import { expect, test } from "vitest";
import { taskHub } from "./orchestration.ts";

function waiting() {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        return (yield context.df.waitForExternalEvent("go")) as unknown;
      },
      *early(context) {
        yield context.df.callActivity("work");
        const first = (yield context.df.waitForExternalEvent("go")) as unknown;
        const second = (yield context.df.waitForExternalEvent("go")) as unknown;
        // A wait the host wrongly took for settled would start this, and the numbers would part.
        yield context.df.callActivity("work");
        return [first, second];
      },
      *race(context) {
        const deadline = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        const canceled = context.df.waitForExternalEvent("cancel");
        const winner = (yield context.df.Task.any([canceled, deadline])) as unknown;
        if (winner === canceled) deadline.cancel();
        const next = (yield context.df.callActivity("work")) as unknown;
        return [winner === canceled ? "canceled" : "deadline", next];
      },
      *twoWaiters(context) {
        const first = context.df.waitForExternalEvent("go");
        const second = context.df.waitForExternalEvent("go");
        yield context.df.Task.all([first, second]);
        return [first.result, second.result];
      },
    },
    activities: { work: () => "worked" },
  });
  return hub;
}

test("an event wakes the one who waits for it, with its data", async () => {
  const hub = waiting();
  hub.engine.start("main", undefined, "one");
  await hub.settle();
  hub.engine.raiseEvent("one", "go", { paint: "red" });
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: { paint: "red" } });
});

test("an event without data wakes as well", async () => {
  const hub = waiting();
  hub.engine.start("main", undefined, "one");
  await hub.settle();
  hub.engine.raiseEvent("one", "go");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: null });
});

test("events that come before anybody waits are kept, first come first served", async () => {
  const hub = waiting();
  hub.engine.start("early", undefined, "one");
  hub.engine.raiseEvent("one", "go", 1);
  hub.engine.raiseEvent("one", "go", 2);
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: [1, 2] });
});

test("an early event is used once: the second wait goes on waiting", async () => {
  const hub = waiting();
  hub.engine.start("early", undefined, "one");
  hub.engine.raiseEvent("one", "go", 1);
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Running" });
  hub.engine.raiseEvent("one", "go", 2);
  expect(await hub.finish()).toMatchObject({ output: [1, 2] });
});

test("an event in the wrong case satisfies the host and not the SDK, so the instance waits on", async () => {
  const hub = waiting();
  hub.engine.start("main", undefined, "one");
  hub.engine.raiseEvent("one", "GO", 1);
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Running" });
});

test("an event of another name leaves the instance waiting", async () => {
  const hub = waiting();
  hub.engine.start("main", undefined, "one");
  hub.engine.raiseEvent("one", "stop", 1);
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Running" });
});

test.each([
  ["canceled", true],
  ["deadline", false],
])(
  "in a race of event and deadline, %s wins when it comes first, and the next call is numbered right",
  async (wins, raise) => {
    const hub = waiting();
    hub.engine.start("race", undefined, "one");
    await hub.settle();
    if (raise) hub.engine.raiseEvent("one", "cancel", {});
    expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: [wins, "worked"] });
  },
);

test("of two waiters for one name the newest is served first", async () => {
  const hub = waiting();
  hub.engine.start("twoWaiters", undefined, "one");
  await hub.settle();
  hub.engine.raiseEvent("one", "go", "first event");
  await hub.settle();
  hub.engine.raiseEvent("one", "go", "second event");
  expect((await hub.finish()).output).toEqual(["second event", "first event"]);
});

test("an event for an unknown or finished instance is refused", async () => {
  const hub = waiting();
  hub.engine.start("main", undefined, "one");
  hub.engine.raiseEvent("one", "go", 1);
  await hub.finish();
  expect(() => hub.engine.raiseEvent("one", "go", 2)).toThrow(expect.objectContaining({ kind: "finished" }));
  expect(() => hub.engine.raiseEvent("two", "go", 2)).toThrow(
    expect.objectContaining({ kind: "unknownInstance" }),
  );
});
