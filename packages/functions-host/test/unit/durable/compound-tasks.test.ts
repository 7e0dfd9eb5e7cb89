import { RetryOptions } from "durable-functions";
import { expect, test } from "vitest";
import { failing, messageOf, runToEnd, taskHub } from "./orchestration.ts";

const echo = { echo: (value: unknown) => value };

test("all yields results in the order of its tasks, whatever order they end in", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const calls = [300, 100, 200].map((wait) => context.df.callActivity("sleep", { wait }));
        return (yield context.df.Task.all(calls)) as unknown;
      },
    },
    activities: {
      sleep: async (input) => {
        const { wait } = input as { wait: number };
        await hub.clock.sleep(wait);
        return wait;
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toEqual([300, 100, 200]);
});

test("nested any and all settle inside out and leave the numbering intact", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const slow = context.df.Task.all([
          context.df.callActivity("sleep", { wait: 900 }),
          context.df.callActivity("sleep", { wait: 100 }),
        ]);
        const quick = context.df.Task.all([
          context.df.callActivity("sleep", { wait: 200 }),
          context.df.callActivity("sleep", { wait: 300 }),
        ]);
        const winner = (yield context.df.Task.any([slow, quick])) as unknown;
        const next = (yield context.df.callActivity("sleep", { wait: 1 })) as unknown;
        return [winner === quick ? quick.result : "slow", next];
      },
    },
    activities: {
      sleep: async (input) => {
        const { wait } = input as { wait: number };
        await hub.clock.sleep(wait);
        return wait;
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: [[200, 300], 1] });
});

test("any of alls of retried calls and an event completes", async () => {
  const flaky = failing(2);
  const { status } = await runToEnd(
    function* (context) {
      const group = context.df.Task.all([
        context.df.callActivityWithRetry("flaky", new RetryOptions(1000, 5), "flaky"),
        context.df.callActivity("echo", "steady"),
      ]);
      const stop = context.df.waitForExternalEvent("stop");
      const winner = (yield context.df.Task.any([group, stop])) as unknown;
      const last = (yield context.df.callActivity("echo", "last")) as unknown;
      return [winner === group ? group.result : "stopped", last];
    },
    { activities: { ...echo, flaky: flaky.activity } },
  );
  expect(status).toMatchObject({ runtimeStatus: "Completed", output: [["flaky", "steady"], "last"] });
});

test("the first failure ends all for the orchestrator, and the host still waits for the rest", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        try {
          yield context.df.Task.all([context.df.callActivity("broken"), context.df.callActivity("slow")]);
          return "unreachable";
        } catch (error) {
          return messageOf(error);
        }
      },
    },
    activities: { broken: failing(9).activity, slow: () => hub.clock.sleep(7000) },
  });
  const startedAt = hub.clock.now();
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toContain("failure 1");
  expect(hub.clock.now() - startedAt).toBe(7000);
});

test("tasks made first and awaited one after the other run in the order of their yields", async () => {
  const { status } = await runToEnd(
    function* (context) {
      const second = context.df.callActivity("echo", "second");
      const first = context.df.callActivity("echo", "first");
      const a = (yield first) as unknown;
      const b = (yield second) as unknown;
      return [a, b];
    },
    { activities: echo },
  );
  expect(status.output).toEqual(["first", "second"]);
});

test("a task that lost a race can still be awaited", async () => {
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const slow = context.df.callActivity("slow");
        const deadline = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
        yield context.df.Task.any([slow, deadline]);
        const late = (yield slow) as unknown;
        const next = (yield context.df.callActivity("echo", "next")) as unknown;
        return [late, next];
      },
    },
    activities: {
      ...echo,
      slow: async () => {
        await hub.clock.sleep(3000);
        return "late";
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  expect(await hub.finish()).toMatchObject({ runtimeStatus: "Completed", output: ["late", "next"] });
});

test("fifty activities fan out and in", async () => {
  const { status } = await runToEnd(
    function* (context) {
      const calls = Array.from({ length: 50 }, (_, index) => context.df.callActivity("echo", index));
      const all = (yield context.df.Task.all(calls)) as number[];
      return all.reduce((sum, each) => sum + each, 0);
    },
    { activities: echo },
  );
  expect(status.output).toBe(1225);
});

test("a task put into a second race is started a second time, the real host's trap", async () => {
  let calls = 0;
  const hub = taskHub({
    orchestrators: {
      *main(context) {
        const after = (seconds: number) => new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
        const slow = context.df.callActivity("slow");
        yield context.df.Task.any([slow, context.df.createTimer(after(1))]);
        yield context.df.Task.any([slow, context.df.createTimer(after(1))]);
      },
    },
    activities: {
      slow: async () => {
        calls += 1;
        await hub.clock.sleep(60_000);
      },
    },
  });
  hub.engine.start("main", undefined, "one");
  await hub.finish();
  expect(calls).toBe(2);
});
