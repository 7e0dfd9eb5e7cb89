import { setTimeout as sleep } from "node:timers/promises";
import type { Driving, Flow } from "../flows/flow.ts";
import { flowNamed } from "../flows/all.ts";
import { type Breach, breachesOf } from "../invariants/all.ts";
import { maxTurnMs } from "../invariants/ends.ts";
import type { JobView } from "../job-view.ts";
import { hasEnded } from "../job-view.ts";
import { inWords, type PlannedRun } from "../plan/planned-run.ts";
import { RunScope, tokenOf } from "../proxy/run-scope.ts";
import { seedOf } from "../random.ts";
import { Client } from "../stack/client.ts";
import type { Stack } from "../stack/stack.ts";
import { StorageView } from "../stack/storage-view.ts";
import type { Evidence, SeenEvent } from "./evidence.ts";
import { expectationOf } from "./expectation.ts";
import { hashesOf, ledgerOf, storedUnder } from "./gather.ts";
import { watch } from "./watcher.ts";

export interface RunResult {
  plan: PlannedRun;
  breaches: readonly Breach[];
  /** What the driver itself could not do, in words. */
  trouble?: string;
  /** Faults of the proxies whose rules never struck: they didn't happen. */
  idle: readonly string[];
  jobId: string | undefined;
  evidence?: Evidence;
  ms: number;
}

// The job's own row, thumbnails, webhooks, removals and late answers come after the end, which is written before them; what
// is left then stays. A request of theirs may hang for 20 s (plan/storage-faults.ts), and is made again.
const settleMs = 45_000;
const pauseMs = 400;
// Watchers cost the app a reader each: every third run has one from the start.
const watchedShare = 1 / 3;

/** Runs a plan on a stack and says which promises it broke. Many may run on one stack at once. */
export async function run(plan: PlannedRun, stack: Stack, onAccepted?: () => void): Promise<RunResult> {
  const started = Date.now();
  const flow = flowNamed(plan.flow);
  const rules = plan.faults.flatMap((fault) => fault.rules ?? []);
  const scope = new RunScope(
    tokenOf(seedOf(`${plan.seed} ${started} ${Math.random()}`)),
    seedOf(plan.seed),
    rules,
  );
  const done = (jobId: string | undefined, breaches: readonly Breach[], more: Partial<RunResult> = {}) => ({
    plan,
    jobId,
    breaches,
    idle: plan.faults.filter(({ rules: own }) => own && !scope.hasStruck(own)).map(({ name }) => name),
    ms: Date.now() - started,
    ...more,
  });
  stack.scopes.add(scope);
  try {
    const evidence = await drive(plan, flow, stack, scope, onAccepted);
    return done(evidence.jobId, breachesOf(evidence), { evidence });
  } catch (error) {
    const trouble = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return done([...scope.jobs][0], [{ invariant: "the campaign can drive the run", how: trouble }], {
      trouble,
    });
  } finally {
    stack.scopes.remove(scope);
    stack.receiver.clear(scope.token);
  }
}

async function drive(
  plan: PlannedRun,
  flow: Flow,
  stack: Stack,
  scope: RunScope,
  onAccepted: (() => void) | undefined,
): Promise<Evidence> {
  const words = plan.faults.map((fault) => fault.words ?? "").join(" ");
  const driving: Driving = {
    stack,
    storage: new StorageView(stack.storage),
    scope,
    client: new Client(stack, scope.random.between(0, 1)),
    prompt: `A canary named ${scope.token} [[image-size=64x64]] ${words}`.trim(),
    key: { "idempotency-key": scope.token },
  };
  const { client, storage } = driving;
  const expected = expectationOf(plan, flow, stack.deadlineSeconds);
  scope.note("sent");
  const jobId = await flow.start(driving);
  if (jobId === undefined) {
    const stored = { job: undefined, slots: [], deliveries: [], images: [], uploads: [] };
    return {
      ...blank,
      expected,
      jobId,
      stored,
      ledger: await ledgerOf(stack, scope.token),
      moments: scope.moments,
    };
  }
  scope.note("accepted");
  onAccepted?.();
  const acceptedAt = Date.now();
  const until = acceptedAt + expected.endsWithinMs + maxTurnMs + 5_000;
  const isWatched = scope.random.next() < watchedShare && flow.leaves !== "deleted";
  const watching = isWatched ? watch(client, jobId, until) : undefined;
  const statuses: string[] = [];
  const [job] = await Promise.all([
    client.ended(jobId, until, (status) => {
      if (statuses.at(-1) !== status) statuses.push(status);
    }),
    flow.during?.(driving, jobId),
  ]);
  const isOver = job !== undefined && hasEnded(job.status);
  const endedAfterMs = isOver ? Date.now() - acceptedAt : undefined;
  scope.note("ended");
  if (isOver) await flow.after?.(driving, jobId);
  const firstWatcher = await watching;
  const isGone = expected.leaves === "deleted";
  const lateWatcher = isOver && !isGone ? await watch(client, jobId, Date.now() + lateWatchMs) : undefined;
  const found: Found = { expected, jobId, statuses, job, endedAfterMs, firstWatcher, lateWatcher };
  return settled(found, stack, storage, scope);
}

// A machine that does much else may have paused the app, or the watcher, for most of it.
const lateWatchMs = 60_000;

const blank = {
  statuses: [],
  job: undefined,
  endedAfterMs: undefined,
  hashes: new Map<number, string>(),
  answers: [],
  received: [],
};

interface Found {
  expected: Evidence["expected"];
  jobId: string;
  statuses: readonly string[];
  job: JobView | undefined;
  endedAfterMs: number | undefined;
  firstWatcher: SeenEvent[] | undefined;
  lateWatcher: SeenEvent[] | undefined;
}

/** Gathers what is left once nothing changes any more: at once if all is well, else after a while of waiting for it. */
async function settled(found: Found, stack: Stack, storage: StorageView, scope: RunScope): Promise<Evidence> {
  const { firstWatcher, lateWatcher, ...facts } = found;
  const end = Date.now() + settleMs;
  for (;;) {
    const stored = await storedUnder(storage, found.jobId);
    const isRead = found.job !== undefined && found.expected.leaves !== "deleted";
    const evidence: Evidence = {
      ...facts,
      stored,
      hashes: isRead && found.job ? await hashesOf(storage, found.job, stored.images) : new Map(),
      ledger: await ledgerOf(stack, scope.token),
      answers: scope.answers,
      moments: scope.moments,
      ...(firstWatcher && { firstWatcher }),
      ...(lateWatcher && { lateWatcher }),
      received: stack.receiver.received(scope.token),
    };
    if (breachesOf(evidence).every(({ invariant }) => !maySettle(invariant)) || Date.now() > end)
      return evidence;
    await sleep(pauseMs);
  }
}

/** What may come right by itself after the end. */
function maySettle(invariant: string): boolean {
  return /webhook|deleted|without its row|storage says/.test(invariant);
}

/** What broke, and how to see it again. */
export function describe({ plan, breaches, jobId }: RunResult, seed = plan.seed): string {
  return [
    `  ${plan.seed}  ${inWords(plan)}  (${jobId ?? "no job"})`,
    ...breaches.map(({ invariant, how }) => `      ${invariant}: ${how}`),
    `      replay: npm run faults -- --seed ${seed}`,
  ].join("\n");
}
