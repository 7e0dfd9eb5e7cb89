import type { OrchestrationContext } from "durable-functions";
import { expect, test } from "vitest";
import { taskHub } from "./orchestration.ts";

function* asking(context: OrchestrationContext) {
  return (yield context.df.callActivity("trace")) as unknown;
}

function hubOf(main: typeof asking) {
  return taskHub({
    orchestrators: { main, child: asking },
    activities: { trace: (_input, { trace }) => trace ?? "none" },
  });
}

const unkept = /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/;

test("an orchestration has a trace of its own that nobody keeps; its activities, and its children's, are given that", async () => {
  const traceParents = async () => {
    const hub = hubOf(function* (context) {
      const own = yield context.df.callActivity("trace");
      return [own, yield context.df.callSubOrchestrator("child")];
    });
    hub.engine.start("main", undefined, "one");
    return (await hub.finish()).output as string[];
  };
  const [[own, child], [other]] = [await traceParents(), await traceParents()];
  expect(own).toMatch(unkept);
  expect(child).toBe(own);
  expect(other).not.toBe(own);
});

test("an orchestration that starts over keeps its trace", async () => {
  const seen = new Set<unknown>();
  const hub = hubOf(function* (context) {
    const { left } = context.df.getInput<{ left: number }>();
    seen.add(yield context.df.callActivity("trace"));
    if (left > 0) context.df.continueAsNew({ left: left - 1 });
    return left;
  });
  hub.engine.start("main", { left: 1 }, "one");
  expect((await hub.finish()).output).toBe(0);
  expect(seen.size).toBe(1);
});
