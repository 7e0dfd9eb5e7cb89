import { setTimeout as sleep } from "node:timers/promises";
import type { Breach } from "../invariants/all.ts";
import type { Blow, PlannedBatch } from "../plan/planned-run.ts";
import type { Stack } from "../stack/stack.ts";
import { run, type RunResult } from "./run.ts";

const pauseMs = 50;

export interface BatchResult {
  plan: PlannedBatch;
  runs: readonly RunResult[];
  /** Of the batch as a whole. */
  breaches: readonly Breach[];
}

/** Runs a batch on a stack that nobody else uses meanwhile, and strikes the app in the middle of it. */
export async function runBatch(plan: PlannedBatch, stack: Stack): Promise<BatchResult> {
  const before = stack.restarts();
  const first = Promise.withResolvers<undefined>();
  const runs = plan.runs.map((each) => run(each, stack, () => first.resolve(undefined)));
  const blow = (async () => {
    await Promise.race([first.promise, Promise.allSettled(runs)]);
    await sleep(plan.afterMs);
    await strike(plan.blow, stack);
    // A process that was told to end works on for a while: its end is this batch's, not the next one's.
    while (plan.blow.kind !== "pause" && stack.restarts() === before) await sleep(pauseMs);
  })();
  const results = await Promise.all(runs);
  await blow;
  const wanted = plan.blow.kind === "pause" ? 0 : 1;
  const more = stack.restarts() - before - wanted;
  const breaches =
    more > 0
      ? [
          {
            invariant: "the app's process lives",
            how: `it ended ${more} times more than it was told: ${stack.log.tail.slice(-3_000)}`,
          },
        ]
      : [];
  return { plan, runs: results, breaches };
}

async function strike(blow: Blow, stack: Stack): Promise<void> {
  const [instance] = stack.instances;
  if (!instance) throw new Error("There is no process to strike.");
  switch (blow.kind) {
    case "kill":
      await instance.kill();
      break;
    case "terminate":
      process.kill(instance.pid(), "SIGTERM");
      break;
    case "pause":
      instance.pause();
      await sleep(blow.forMs);
      instance.resume();
  }
}
