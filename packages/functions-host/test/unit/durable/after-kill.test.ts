import type { OrchestrationHandler } from "durable-functions";
import { expect, test } from "vitest";
import { createMemoryStore } from "../../../src/durable/store.ts";
import type { DurableStore } from "../../../src/durable/store.ts";
import { createVirtualClock } from "../../../src/durable/virtual-clock.ts";
import { taskHub } from "./orchestration.ts";

const hidden = { activity: 60_000, orchestrator: 30_000 };
const main: OrchestrationHandler = function* (context) {
  return (yield context.df.callActivity("work")) as unknown;
};

/** A hub whose processes are killed: nothing of one that is dead is committed any more. */
function killedHub() {
  const clock = createVirtualClock();
  const store = createMemoryStore();
  const started: number[] = [];
  const begun = clock.now();
  /** The next process; `leftAt` is told by how the one before ended. */
  const next = (how: { wasKilled: boolean; works: boolean; starts?: boolean }) => {
    let isAlive = true;
    const own: DurableStore = {
      hub: store.hub,
      leftAt: how.wasKilled ? clock.now() : undefined,
      commit: (operations) => isAlive && store.commit(operations),
      close: () => undefined,
    };
    const hub = taskHub({
      clock,
      store: own,
      options: { hiddenAfterKill: hidden, startDelay: how.starts === false ? 3_600_000 : 0 },
      orchestrators: { main },
      activities: {
        work: () => {
          if (isAlive) started.push(clock.now() - begun);
          return how.works ? "done" : new Promise(() => undefined);
        },
      },
    });
    return { ...hub, kill: () => void (isAlive = false) };
  };
  /** Lets a process take what there is. */
  const take = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, started, next, take };
}

test("an activity that a killed process had taken is taken up when its time is over, and not before", async () => {
  const { started, next, take } = killedHub();
  const first = next({ wasKilled: false, works: false });
  first.engine.start("main", undefined, "one");
  await take();
  first.kill();
  const second = next({ wasKilled: true, works: true });
  expect((await second.finish()).output).toBe("done");
  expect(started).toEqual([0, 60_000]);
});

test("a turn that a killed process had taken is played when its time is over, and a later message doesn't begin it", async () => {
  const { started, next } = killedHub();
  const first = next({ wasKilled: false, works: true, starts: false });
  first.engine.start("main", undefined, "one");
  first.kill();
  const second = next({ wasKilled: true, works: true });
  second.engine.raiseEvent("one", "early", 1);
  expect((await second.finish()).output).toBe("done");
  expect(second.events()[0]).toBe("ExecutionStarted");
  expect(started).toEqual([30_000]);
});

test("after a clean end all is taken up at once", async () => {
  const { started, next, take } = killedHub();
  const first = next({ wasKilled: false, works: false });
  first.engine.start("main", undefined, "one");
  await take();
  first.kill();
  const second = next({ wasKilled: false, works: true });
  await second.finish();
  expect(started).toEqual([0, 0]);
});

test("what is hidden keeps its own time when the next process, which never took it, is killed too", async () => {
  const { clock, started, next, take } = killedHub();
  const first = next({ wasKilled: false, works: false });
  first.engine.start("main", undefined, "one");
  await take();
  first.kill();
  const second = next({ wasKilled: true, works: true });
  // Half a minute later; the activity has half a minute to go.
  clock.setTimer(clock.now() + 30_000, () => second.kill());
  clock.advance();
  const third = next({ wasKilled: true, works: true });
  await third.finish();
  expect(started).toEqual([0, 60_000]);
});
