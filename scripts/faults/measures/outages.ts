import { afterOutage } from "../invariants/ends.ts";
import { inTurn } from "../campaign.ts";
import type { Fault } from "../plan/fault.ts";
import type { PlannedRun } from "../plan/planned-run.ts";
import { outage } from "../plan/storage-faults.ts";
import type { Action, Moment } from "../proxy/rule.ts";
import { type Report, tableOf } from "../report.ts";
import { run, type RunResult } from "../run/run.ts";
import { standing } from "../run/standing.ts";
import { startStack } from "../stack/stack.ts";

const services = { tables: "table", blobs: "blob", both: undefined } as const;
const actions: Record<string, Action> = {
  "503": { kind: "status", status: 503 },
  reset: { kind: "reset" },
  "403": { kind: "status", status: 403 },
};
const moments: Record<string, Moment> = {
  "before the call": "recorded",
  "during it": "called",
  "at the answer": "answered",
  "at the end": "ending",
};
/** One job on each protocol. */
const protocols = ["dalle2x2", "dalle3x4", "gptx4", "streamed"];

interface Cell {
  what: string;
  how: string;
  when: string;
  fault: Fault;
}

// Calls that take a moment, so that an outage that begins with one is there before its answer.
const words = "[[latency=1500]]";
// Well above any outage: what ends by its deadline would hide what was lost.
const deadlineSeconds = 400;

/**
 * Storage is away for a while, for the requests of certain jobs only, so that all cells of the matrix can share a stack:
 * what is away, how it says so, and when in the job's life it begins.
 */
export async function runOutages(
  seconds: number,
  jobsAtOnce: number,
  app: string | undefined,
  report: Report,
): Promise<void> {
  const cells: Cell[] = Object.entries(services).flatMap(([what, service]) =>
    Object.entries(actions).flatMap(([how, action]) =>
      Object.entries(moments).map(([when, from]) => {
        const rules = outage(service, action, from, seconds * 1000);
        const name = `${what} away (${how}) for ${seconds} s, ${when}`;
        return { what, how, when, fault: { name, side: "storage", rules, words, strikes: () => true } };
      }),
    ),
  );
  const results = new Map<Cell, RunResult[]>(cells.map((cell) => [cell, []]));
  const stack = await startStack({ app, deadlineSeconds });
  try {
    const all = cells.flatMap((cell) => protocols.map((flow): [Cell, string] => [cell, flow]));
    await inTurn(jobsAtOnce, all, async ([cell, flow]) => {
      const seed = `outage ${cell.fault.name}, ${flow}`;
      const plan: PlannedRun = { seed, kind: "single", flow, faults: [cell.fault] };
      const result = await run(plan, stack);
      results.get(cell)?.push(result);
      report.add("outages", result);
    });
    report.addStanding("outages", await standing(stack, 0));
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
  const slowest = Math.max(...found.map((each) => afterOutage(each) ?? NaN).filter(Number.isFinite));
  return [
    String(runs.length),
    sum(({ endedAfterMs }) => (endedAfterMs === undefined ? 0 : 1)),
    sum(({ expected, job }) => expected.wanted - (job?.images.length ?? 0)),
    sum(
      ({ expected, ledger }) =>
        ledger.reduce((total, call) => total + call.images_billed, 0) - expected.wanted,
    ),
    Number.isFinite(slowest) ? (slowest / 1000).toFixed(1) : "–",
  ];
}
