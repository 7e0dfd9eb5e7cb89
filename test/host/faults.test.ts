import { expect, it } from "vitest";
import { inOrder } from "../../scripts/faults/campaign.ts";
import { kill, pair, singles, someSingles } from "../../scripts/faults/plan/plan.ts";
import { runBatch } from "../../scripts/faults/run/batch.ts";
import { describe as inDetail, run } from "../../scripts/faults/run/run.ts";
import { endState } from "../../scripts/faults/run/end-state.ts";
import { startStack } from "../../scripts/faults/stack/stack.ts";
import { isEmbedded, NotHere } from "../support/aim.ts";

// Rows of the index of open jobs are given a minute and a half to go.
const maxMs = 240_000;

/** A small cut of `npm run faults`; the whole of it takes longer than a test may. */
const campaign = 4;
const atOnce = 10;
// A job that hangs is told within the time that this test has.
const deadlineSeconds = 40;
// Minutes pass in these; the campaign has them.
const isQuick = ({ faults }: { faults: readonly { name: string }[] }) =>
  faults.every(({ name }) => !/stall|hangs|latency|away/.test(name));

it(
  "no flow breaks a promise: not by itself, nor under single faults, several at once, or a kill",
  async () => {
    if (!isEmbedded) throw new NotHere("strikes a storage and a service of its own");
    const plans = [
      ...singles.filter(({ faults }) => faults.length === 0),
      ...someSingles(24, campaign),
      ...Array.from({ length: 10 }, (_, at) => pair(campaign, at)),
    ].filter(isQuick);
    const broken: string[] = [];
    const stack = await startStack({ deadlineSeconds });
    try {
      await inOrder(atOnce, plans, async (plan) => {
        const result = await run(plan, stack);
        if (result.breaches.length > 0) broken.push(inDetail(result));
      });
      const batch = await runBatch({ ...kill(campaign, 0), blow: { kind: "kill" } }, stack);
      for (const result of batch.runs)
        if (result.breaches.length > 0) broken.push(inDetail(result, batch.plan.seed));
      for (const { invariant, how } of [...batch.breaches, ...(await endState(stack, 1))])
        broken.push(`${invariant}: ${how}`);
    } finally {
      await stack.stop();
    }
    expect(broken.join("\n")).toBe("");
  },
  maxMs,
);
