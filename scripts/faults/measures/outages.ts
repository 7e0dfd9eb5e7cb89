import { inOrder } from "../campaign.ts";
import { afterOutage } from "../invariants/ends.ts";
import { type Cell, outageDeadlineSeconds, outages } from "../plan/outages.ts";
import { type Report, tableOf } from "../report.ts";
import { run, type RunResult } from "../run/run.ts";
import { endState } from "../run/end-state.ts";
import { startStack } from "../stack/stack.ts";

/**
 * Storage is away for a while, for the requests of certain jobs only, so that all cells of the matrix can share a stack.
 * Prints what each cell cost.
 */
export async function runOutages(
  seconds: number,
  jobsAtOnce: number,
  app: string | undefined,
  report: Report,
): Promise<void> {
  const planned = outages(seconds);
  const results = new Map<Cell, RunResult[]>(planned.map(({ cell }) => [cell, []]));
  const stack = await startStack({ app, deadlineSeconds: outageDeadlineSeconds });
  try {
    await inOrder(jobsAtOnce, planned, async ({ cell, plan }) => {
      const result = await run(plan, stack);
      results.get(cell)?.push(result);
      report.add("outages", result);
    });
    report.addEndState("outages", await endState(stack, 0));
  } finally {
    await stack.stop();
  }
  const rows = [...results].map(([{ what, how, when }, runs]) => [what, how, when, ...figures(runs)]);
  const head = ["away", "says", "begins", "jobs", "ended", "images lost", "bought twice", "slowest after, s"];
  console.log(`\n${tableOf(head, rows)}`);
}

function figures(runs: readonly RunResult[]): string[] {
  const found = runs.flatMap(({ evidence }) => evidence ?? []);
  const sum = (of: (each: (typeof found)[number]) => number) =>
    String(found.reduce((total, each) => total + Math.max(0, of(each)), 0));
  const waits = found.flatMap((each) => afterOutage(each) ?? []);
  return [
    String(runs.length),
    sum(({ endedAfterMs }) => (endedAfterMs === undefined ? 0 : 1)),
    sum(({ expected, job }) => expected.wanted - (job?.images.length ?? 0)),
    sum(
      ({ expected, ledger }) =>
        ledger.reduce((total, call) => total + call.images_billed, 0) - expected.wanted,
    ),
    waits.length === 0 ? "–" : (Math.max(...waits) / 1000).toFixed(1),
  ];
}
