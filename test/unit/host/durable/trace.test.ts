import type { OrchestrationContext } from "durable-functions";
import { expect, test } from "vitest";
import { taskHub } from "./orchestration.ts";

const given = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

function* asking(context: OrchestrationContext) {
  return (yield context.df.callActivity("trace")) as unknown;
}

function hubOf(main: typeof asking) {
  return taskHub({
    orchestrators: { main, child: asking },
    activities: { trace: (_input, { trace }) => trace ?? "none" },
  });
}

test("activities, those of children too, go on with the trace of whoever started the orchestration", async () => {
  const hub = hubOf(function* (context) {
    const own = yield context.df.callActivity("trace");
    return [own, yield context.df.callSubOrchestrator("child")];
  });
  hub.engine.start("main", undefined, "one", undefined, given);
  expect((await hub.finish()).output).toEqual([given, given]);
});

test("an orchestration that starts over keeps its trace", async () => {
  const hub = hubOf(function* (context) {
    const { left } = context.df.getInput<{ left: number }>();
    const told = yield context.df.callActivity("trace");
    if (left > 0) context.df.continueAsNew({ left: left - 1 });
    return [left, told];
  });
  hub.engine.start("main", { left: 1 }, "one", undefined, given);
  expect((await hub.finish()).output).toEqual([0, given]);
});

test("without a trace there is none", async () => {
  const hub = hubOf(asking);
  hub.engine.start("main", undefined, "one");
  expect((await hub.finish()).output).toBe("none");
});
