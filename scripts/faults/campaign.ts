import { outageDeadlineSeconds } from "./plan/outages.ts";
import { kill, pair, planOf, singles, someSingles, two } from "./plan/plan.ts";
import type { PlannedBatch, PlannedRun } from "./plan/planned-run.ts";
import type { Report } from "./report.ts";
import { runBatch } from "./run/batch.ts";
import { run } from "./run/run.ts";
import { endState } from "./run/end-state.ts";
import { startStack, type StackOptions } from "./stack/stack.ts";

/** How many of each kind. */
export interface Counts {
  singles: number;
  pairs: number;
  kills: number;
  two: number;
}

export interface CampaignOptions {
  counts: Counts;
  /** Which chance: every pair, kill and run with two processes follows from it. */
  campaign: number;
  /** Runs at once on one stack. */
  concurrency: number;
  app?: string | undefined;
}

// A stack grows slow with what it remembers; a fresh one also bounds what a broken one can spoil.
const runsPerStack = 400;
// Each batch has a stack to itself while it lasts.
const killStacks = 2;

const listed = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

export async function runCampaign(options: CampaignOptions, report: Report): Promise<void> {
  const { counts, campaign } = options;
  const chosen = counts.singles < singles.length ? someSingles(counts.singles, campaign) : [...singles];
  await runAll("singles", chosen, options, report);
  await runAll(
    "pairs",
    listed(counts.pairs, (at) => pair(campaign, at)),
    options,
    report,
  );
  await runKills(
    listed(counts.kills, (at) => kill(campaign, at)),
    options,
    report,
  );
  const pairsOfProcesses = listed(counts.two, (at) => two(campaign, at));
  await runAll("two processes", pairsOfProcesses, options, report, { instances: 2 });
}

/** One seed, alone on its stack. False for a seed that names no plan. */
export async function replay(
  seed: string,
  options: Pick<CampaignOptions, "app">,
  report: Report,
): Promise<boolean> {
  const plan = planOf(seed.replace(/\.\d+$/, ""));
  if (!plan) return false;
  const all = { ...options, concurrency: 1 };
  if ("blow" in plan) await runKills([plan], all, report);
  else await runAll(plan.kind, [plan], all, report, stackFor(plan));
  return true;
}

function stackFor({ kind }: PlannedRun): StackOptions {
  if (kind === "outage") return { deadlineSeconds: outageDeadlineSeconds };
  return kind === "two" ? { instances: 2 } : {};
}

async function runAll(
  kind: string,
  plans: readonly PlannedRun[],
  { concurrency, app }: Pick<CampaignOptions, "concurrency" | "app">,
  report: Report,
  more: StackOptions = {},
): Promise<void> {
  for (let from = 0; from < plans.length; from += runsPerStack) {
    const left = plans.slice(from, from + runsPerStack);
    await onStack(kind, { app, ...more }, report, async (stack) => {
      await inOrder(concurrency, left, async (plan) => report.add(kind, await run(plan, stack)));
      return 0;
    });
  }
}

async function runKills(
  batches: readonly PlannedBatch[],
  { app }: Pick<CampaignOptions, "app">,
  report: Report,
): Promise<void> {
  const left = [...batches];
  const stacks = Math.min(killStacks, left.length);
  await Promise.all(
    listed(stacks, () =>
      onStack("kills", { app }, report, async (stack) => {
        let blows = 0;
        await inOrder(1, left, async (plan) => {
          report.addBatch("kills", await runBatch(plan, stack));
          if (plan.blow.kind !== "pause") blows += 1;
        });
        return blows;
      }),
    ),
  );
}

/** Starts a stack for some work, checks what is left of it, and stops it. The work tells how often it ended the app. */
async function onStack(
  kind: string,
  options: StackOptions,
  report: Report,
  work: (stack: Awaited<ReturnType<typeof startStack>>) => Promise<number>,
): Promise<void> {
  const stack = await startStack(options);
  try {
    const blows = await work(stack);
    report.addEndState(kind, await endState(stack, blows));
  } finally {
    await stack.stop();
  }
}

/** Takes work off a list, so many at once. */
export async function inOrder<T>(atOnce: number, list: T[], work: (item: T) => Promise<void>): Promise<void> {
  const take = async () => {
    for (let next = list.shift(); next !== undefined; next = list.shift()) await work(next);
  };
  await Promise.all(listed(atOnce, take));
}
