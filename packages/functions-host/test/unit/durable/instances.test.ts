import { expect, test } from "vitest";
import { failing, taskHub } from "./orchestration.ts";

function hubWith(activities: Record<string, (value: unknown) => unknown> = {}) {
  return taskHub({
    orchestrators: {
      *quick(context) {
        yield* [];
        return context.df.getInput<unknown>();
      },
      *waits(context) {
        const event = (yield context.df.waitForExternalEvent("go")) as unknown;
        yield context.df.callActivity("work", "after the event");
        return event;
      },
      *works(context) {
        return (yield context.df.callActivity("work", "now")) as unknown;
      },
      *sleeps(context) {
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        return "slept";
      },
    },
    activities: { work: (value) => value, ...activities },
  });
}

test("a start under the id of a living instance is refused and changes nothing", async () => {
  const hub = hubWith();
  hub.engine.start("waits", { first: true }, "one");
  expect(() => hub.engine.start("quick", {}, "one")).toThrow(
    "An Orchestration instance with the status Pending already exists.",
  );
  await hub.settle();
  expect(() => hub.engine.start("quick", {}, "one")).toThrow(
    "An Orchestration instance with the status Running already exists.",
  );
  expect(hub.statusOf("one")).toMatchObject({ name: "waits", input: { first: true } });
});

test("a start under the id of a finished instance replaces it silently", async () => {
  const hub = hubWith();
  hub.engine.start("quick", 1, "one");
  await hub.finish();
  hub.engine.start("quick", 2, "one");
  expect(await hub.finish()).toMatchObject({ output: 2 });
  expect(hub.engine.history("one").filter((event) => event.EventType === 0)).toHaveLength(1);
});

test.each(["@entity", "a/b", "a\\b", "a#b", "a?b", "a\nb", "", "x".repeat(101)])(
  "the instance id %j is refused",
  (id) => {
    expect(() => hubWith().engine.start("quick", undefined, id)).toThrow(
      expect.objectContaining({ kind: "badId" }),
    );
  },
);

test("an instance started without an id gets 32 hexadecimal digits", () => {
  expect(hubWith().engine.start("quick")).toMatch(/^[0-9a-f]{32}$/);
});

test("an unknown orchestrator is refused at the start", () => {
  expect(() => hubWith().engine.start("absent")).toThrow(
    expect.objectContaining({ kind: "unknownFunction" }),
  );
});

test("termination ends the instance at once and a late result changes nothing", async () => {
  const hub = hubWith({
    work: async () => {
      await hub.clock.sleep(5000);
      return "late";
    },
  });
  hub.engine.start("works", undefined, "one");
  await hub.settle();
  hub.engine.terminate("one", "enough");
  await hub.settle();
  const terminated = hub.statusOf("one");
  expect(terminated).toMatchObject({ runtimeStatus: "Terminated", output: "enough" });
  expect(hub.events().slice(-2)).toEqual(["ExecutionTerminated", "ExecutionCompleted"]);
  const length = hub.engine.history("one").length;
  while (hub.clock.advance()) await hub.settle();
  expect(hub.statusOf("one")).toEqual(terminated);
  expect(hub.engine.history("one")).toHaveLength(length);
});

test("termination drops the instance's timers", async () => {
  const hub = hubWith();
  hub.engine.start("sleeps", undefined, "one");
  await hub.settle();
  hub.engine.terminate("one", "enough");
  await hub.settle();
  expect(hub.clock.advance()).toBe(false);
});

test("a finished instance can be neither terminated nor suspended", async () => {
  const hub = hubWith();
  hub.engine.start("quick", undefined, "one");
  await hub.finish();
  expect(() => hub.engine.terminate("one", "")).toThrow(expect.objectContaining({ kind: "finished" }));
  expect(() => hub.engine.suspend("one", "")).toThrow(expect.objectContaining({ kind: "finished" }));
});

test("a suspended instance keeps its events for later, and resuming plays them", async () => {
  const hub = hubWith();
  hub.engine.start("waits", undefined, "one");
  await hub.settle();
  hub.engine.suspend("one", "pause");
  await hub.settle();
  expect(hub.statusOf("one").runtimeStatus).toBe("Suspended");
  hub.engine.raiseEvent("one", "go", "kept");
  await hub.settle();
  expect(hub.statusOf("one")).toMatchObject({ runtimeStatus: "Suspended", output: null });
  hub.engine.resume("one", "go on");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: "kept" });
  expect(hub.events()).toEqual(expect.arrayContaining(["ExecutionSuspended", "ExecutionResumed"]));
});

test("a suspended instance can be terminated", async () => {
  const hub = hubWith();
  hub.engine.start("waits", undefined, "one");
  hub.engine.suspend("one", "pause");
  await hub.settle();
  hub.engine.terminate("one", "enough");
  expect((await hub.finish()).runtimeStatus).toBe("Terminated");
});

test("purging forgets the instance, its timers and its waiting work", async () => {
  const hub = hubWith();
  hub.engine.start("sleeps", undefined, "one");
  await hub.settle();
  expect(hub.engine.purge("one")).toBe(true);
  expect(hub.engine.getStatus("one")).toBeUndefined();
  expect(hub.clock.advance()).toBe(false);
  expect(hub.engine.purge("one")).toBe(false);
});

test("purging while the activity runs drops its result", async () => {
  const hub = hubWith({
    work: async () => {
      await hub.clock.sleep(1000);
      return "late";
    },
  });
  hub.engine.start("works", undefined, "one");
  await hub.settle();
  hub.engine.purge("one");
  hub.engine.start("waits", undefined, "one");
  while (hub.clock.advance()) await hub.settle();
  expect(hub.statusOf("one")).toMatchObject({ name: "waits", runtimeStatus: "Running" });
});

test("rewinding runs the failed step again and no other", async () => {
  const calls: string[] = [];
  const broken = failing(1);
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const first = (yield context.df.callActivity("steady")) as unknown;
        const second = (yield context.df.callActivity("broken", "mended")) as unknown;
        return [first, second];
      },
    },
    activities: {
      steady: () => {
        calls.push("steady");
        return "steady";
      },
      broken: broken.activity,
    },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).runtimeStatus).toBe("Failed");
  hub.engine.rewind("one", "mended");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: ["steady", "mended"] });
  expect(calls).toEqual(["steady"]);
});

test("rewinding goes down into the failed child", async () => {
  const broken = failing(1);
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        return (yield context.df.callSubOrchestrator("child")) as unknown;
      },
      *child(context) {
        return (yield context.df.callActivity("broken", "mended")) as unknown;
      },
    },
    activities: { broken: broken.activity },
  });
  hub.engine.start("main", undefined, "one");
  await hub.finish();
  hub.engine.rewind("one", "mended");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: "mended" });
});

test("only a failed instance can be rewound", async () => {
  const hub = hubWith();
  hub.engine.start("waits", undefined, "one");
  hub.engine.start("quick", undefined, "two");
  await hub.finish("two");
  expect(() => hub.engine.rewind("one", "")).toThrow(expect.objectContaining({ kind: "notFailed" }));
  expect(() => hub.engine.rewind("two", "")).toThrow(expect.objectContaining({ kind: "finished" }));
});

test("restarting starts the same orchestrator with the same input under a new id, or under its own", async () => {
  const hub = hubWith();
  hub.engine.start("quick", { n: 1 }, "one");
  await hub.finish();
  const copy = hub.engine.restart("one");
  expect(copy).not.toBe("one");
  expect(await hub.finish(copy)).toMatchObject({ output: { n: 1 } });
  expect(hub.engine.restart("one", true)).toBe("one");
});

test("instances can be listed by time, status and beginning of their id", async () => {
  const hub = hubWith();
  hub.engine.start("quick", undefined, "a-1");
  hub.engine.start("sleeps", undefined, "a-2");
  await hub.finish("a-2");
  const later = hub.clock.now();
  hub.engine.start("waits", undefined, "b-1");
  const ids = (filter: Parameters<typeof hub.engine.list>[0]) => hub.engine.list(filter).map(({ id }) => id);
  expect(ids({ idPrefix: "a-" })).toEqual(["a-1", "a-2"]);
  expect(ids({ createdFrom: later })).toEqual(["b-1"]);
  expect(ids({ createdTo: later - 1 })).toEqual(["a-1", "a-2"]);
  expect(ids({ statuses: ["Completed"] })).toEqual(["a-1", "a-2"]);
});

test("no two episodes of one instance run at the same time", async () => {
  const hub = hubWith();
  hub.engine.start("waits", undefined, "one");
  hub.engine.raiseEvent("one", "go", 1);
  hub.engine.raiseEvent("one", "go", 2);
  expect(hub.engine.busy()).toBe(1);
  expect((await hub.finish()).output).toBe(1);
});

test("no more orchestrators run at once than allowed, and all of them finish", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        return (yield context.df.callActivity("work")) as unknown;
      },
    },
    activities: { work: () => 1 },
    options: { maxConcurrentOrchestrators: 2 },
  });
  const ids = Array.from({ length: 9 }, () => hub.engine.start("main"));
  expect(hub.engine.busy()).toBe(2);
  for (const id of ids) expect((await hub.finish(id)).output).toBe(1);
});

test("anyone who waits for the end of an instance hears of it, also afterwards", async () => {
  const hub = hubWith();
  hub.engine.start("quick", 5, "one");
  await expect(hub.engine.whenFinished("one")).resolves.toMatchObject({ output: 5 });
  await expect(hub.engine.whenFinished("one")).resolves.toMatchObject({ output: 5 });
});

test("a stopped engine starts nothing more and lets what runs come to its end", async () => {
  const hub = hubWith({
    work: async (value) => {
      await hub.clock.sleep(10);
      return value;
    },
  });
  hub.engine.start("works", undefined, "one");
  await hub.settle();
  const stopped = hub.engine.stop();
  hub.clock.advance();
  await stopped;
  expect(hub.engine.busy()).toBe(0);
  expect(hub.statusOf("one").runtimeStatus).toBe("Running");
});
