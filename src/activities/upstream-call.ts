import { ReleaseStack } from "../async/release-stack.ts";
import type { CallStep } from "../contracts/workflow.ts";
import { AppError } from "../domain/app-error.ts";
import {
  acquireCall,
  type AcquiredCall,
  type CallClock,
  callClock,
  settled,
  type UpstreamDependencies,
} from "./acquire-call.ts";
import { releaseLine } from "./call-permit.ts";
import { discard, findCall, findNewCall, finishAnswered, type FoundCall, isOver } from "./find-call.ts";
import { placeCall } from "./place-call.ts";

// Each look after the first follows a write of somebody else.
const maxLooks = 8;
// Within one step; the next one looks again.
const maxMoves = 3;

/**
 * Prepares a call, or says how it ended when that is known: an earlier delivery of the step settled it, was answered, or
 * stored its images before it was cut off, or the deadline has passed. Nothing is paid for twice that can be found first.
 *
 * A repeatable call is billed once however often it is sent; any other is given up after six attempts in doubt.
 */
export async function prepareCall(
  deps: UpstreamDependencies,
  step: CallStep,
  isRepeatable = false,
): Promise<Exclude<AcquiredCall, { kind: "changed" }>> {
  const clock = callClock(deps);
  let found = await findNewCall(deps, step, clock.preparing);
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const prepared = await prepareFound(deps, step, found, clock, isRepeatable);
    if (prepared.kind !== "changed") return prepared;
    found = await findCall(deps, step, clock.preparing);
  }
  throw new AppError("internal", "a call kept changing while it was prepared");
}

async function prepareFound(
  deps: UpstreamDependencies,
  step: CallStep,
  found: FoundCall | undefined,
  clock: CallClock,
  isRepeatable: boolean,
): Promise<AcquiredCall> {
  const { preparing } = clock;
  if (!found || isOver(found.job, found.progress)) return settled(await preparing(() => discard(deps, step)));
  const answered = await finishAnswered(deps, found, clock);
  if (answered) {
    // Its run died before it gave its permit back: others may wait for the place that it holds.
    await releaseLine(deps, found);
    return settled(answered);
  }
  let placed = await preparing(() => placeCall(deps, found));
  for (let moves = 0; ; moves += 1) {
    const acquired = await acquireAt(deps, placed, { clock, isRepeatable });
    const isQueued = acquired.kind === "settled" && acquired.outcome.kind === "queued";
    if (!isQueued || moves === maxMoves) return acquired;
    // It was told how long it would wait there: another place may be sooner, by what was just read of it.
    const { deployment } = placed.job;
    placed = await preparing(() => placeCall(deps, placed));
    if (placed.job.deployment === deployment) return acquired;
  }
}

async function acquireAt(
  deps: UpstreamDependencies,
  placed: FoundCall,
  { clock, isRepeatable }: { clock: CallClock; isRepeatable: boolean },
): Promise<AcquiredCall> {
  const place = deps.callLimit.tryAcquire(placed.job.deployment);
  if (place.kind === "full") return settled({ kind: "busy", retryAt: place.retryAt });
  const held = new ReleaseStack();
  held.add(place.release);
  try {
    const acquired = await acquireCall(deps, placed, { clock, isRepeatable, held });
    if (acquired.kind !== "ready") await held.release();
    return acquired;
  } catch (error) {
    await held.release();
    throw error;
  }
}
