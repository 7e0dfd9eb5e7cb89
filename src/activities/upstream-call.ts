import { randomUUID } from "node:crypto";
import type { CallStep } from "../contracts/workflow.ts";
import { attemptsExhausted, markAnswered, undoAttempt } from "../domain/call-attempts.ts";
import { errorInfo, type ErrorInfo, AppError, isOfRequest } from "../domain/app-error.ts";
import type { DeploymentQuota, ResolvedDeployment } from "../domain/deployment.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { ImageModel } from "../ports/image-model.ts";
import type { BorrowedFiles, InputFiles } from "../ports/inputs.ts";
import type { QuotaPools } from "../ports/quota.ts";
import type { CallRecord, JobRecord, SlotRecord } from "../ports/records.ts";
import type { JobAccounts } from "../jobs/job-accounts.ts";
import { acquirePermit, type HeldPermit, releaseLine } from "./call-permit.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { CancellationWatcher } from "./cancellation-watcher.ts";
import {
  discard,
  findCall,
  findNewCall,
  finishAnswered,
  type FoundCall,
  isOver,
  missingSlots,
} from "./find-call.ts";
import type { SettleAnswerDeps } from "./settle-answer.ts";
import { type SentCall, settle } from "./settle-call.ts";
import { placeCall } from "./place-call.ts";
import { type Patience, patienceUntil, type StepClock } from "./storage-patience.ts";
import { failedSlots, findStored } from "./store-image.ts";

export interface UpstreamDependencies extends SettleAnswerDeps {
  inputs: InputFiles;
  ends: CancellationWatcher;
  /** Calls at once on this instance, by deployment. */
  callLimit: ConcurrencyLimit;
  quotaPools: QuotaPools;
  accounts: Pick<JobAccounts, "reserveRepeat">;
  /** By deployment. */
  quotas: ReadonlyMap<string, DeploymentQuota>;
  offers: readonly ResolvedDeployment[];
}

// The host ends an activity after ten minutes, with the process that runs it (host.json, functionTimeout).
const maxCallMs = 9.5 * 60_000;
const maxStepMs = 9.8 * 60_000;
// What is waited for before the call is sent is taken from its own time: longer outages are the orchestration's to wait for.
const maxPrepareMs = 60_000;
// A fetch may take two minutes more.
const maxFetchingMs = 5 * 60_000;
// Each look after the first follows a write of somebody else.
const maxLooks = 8;

/** One upstream call that is noted as sent and is to be sent now. */
export interface ReadyCall extends SentCall {
  job: JobRecord;
  model: ImageModel;
  record: CallRecord;
  /** What an edit starts from. */
  files?: BorrowedFiles;
  /** Aborted when the time is up, and when the job has ended. */
  signal: AbortSignal;
  /** The part of it that is our own clock. */
  timeUp: AbortSignal;
  /** Of its quota pool, where the deployment has one. To be settled with the call; else it counts as not used. */
  permit?: HeldPermit;
  ended: AbortSignal;
  clock: StepClock;
  release(): Promise<void>;
}

/** `changed`: what was known of the call is out of date. */
type Prepared =
  | { kind: "settled"; outcome: CallOutcome }
  | { kind: "ready"; call: ReadyCall }
  | { kind: "changed" };

const settled = (outcome: CallOutcome): Prepared => ({ kind: "settled", outcome });

/** How long a step may wait for storage with what it has received: as long as the host lets it run. */
export function stepClock(deps: SettleAnswerDeps): StepClock & { startedAt: number } {
  const startedAt = deps.clock.now().getTime();
  const patience = patienceUntil(deps, startedAt + maxStepMs);
  return { startedAt, patience, fetchUntil: startedAt + maxFetchingMs };
}

/**
 * Prepares a call, or says how it ended when that is known: an earlier delivery of the step settled it, was answered, or
 * stored its images before it was cut off, or the deadline has passed. Nothing is paid for twice that can be found first.
 *
 * A repeatable call is billed once however often it is sent; any other is given up after six attempts in doubt. Noting the
 * attempt is the last thing before it is sent: whatever fails earlier leaves no doubt about a bill.
 */
export async function prepareCall(
  deps: UpstreamDependencies,
  step: CallStep,
  isRepeatable = false,
): Promise<Exclude<Prepared, { kind: "changed" }>> {
  const clock = stepClock(deps);
  const preparing = patienceUntil(deps, clock.startedAt + maxPrepareMs);
  let found = await findNewCall(deps, step, preparing);
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const prepared = await prepareFound(deps, step, found, { isRepeatable, clock, patience: preparing });
    if (prepared.kind !== "changed") return prepared;
    found = await findCall(deps, step, preparing);
  }
  throw new AppError("internal", "a call kept changing while it was prepared");
}

interface Preparation {
  isRepeatable: boolean;
  clock: ReturnType<typeof stepClock>;
  /** Before the call is sent. */
  patience: Patience;
}

async function prepareFound(
  deps: UpstreamDependencies,
  step: CallStep,
  found: FoundCall | undefined,
  preparation: Preparation,
): Promise<Prepared> {
  const { clock, patience } = preparation;
  if (!found || isOver(found.job, found.progress)) return settled(await patience(() => discard(deps, step)));
  const answered = await finishAnswered(deps, found, clock);
  if (answered) {
    // Its run died before it gave its permit back: others may wait for the place that it holds.
    await releaseLine(deps, found);
    return settled(answered);
  }

  const placed = await patience(() => placeCall(deps, found));
  const place = deps.callLimit.tryAcquire(placed.job.deployment);
  if (place.kind === "full") return settled({ kind: "busy", retryAt: place.retryAt });
  const releases: (() => Promise<void> | void)[] = [place.release];
  const release = async () => {
    for (const one of releases.splice(0)) await one();
  };
  try {
    const prepared = await acquire(deps, placed, { ...preparation, releases, release });
    if (prepared.kind !== "ready") await release();
    return prepared;
  } catch (error) {
    await release();
    throw error;
  }
}

interface AcquireCallDeps extends Preparation {
  /** What is to be given back, in this order. */
  releases: (() => Promise<void> | void)[];
  release: () => Promise<void>;
}

/** Makes sure that the call may be sent, of all that it needs, and then of its record. */
async function acquire(
  deps: UpstreamDependencies,
  { step, job, progress, record: earlier, isFresh }: FoundCall,
  { isRepeatable, clock: stepTime, patience, releases, release }: AcquireCallDeps,
): Promise<Prepared> {
  const { jobs, images, models, clock } = deps;
  const model = models.at(job.deployment);
  const open = missingSlots(step, progress);
  const inDoubt = earlier?.inDoubt ?? [];
  const recovered = inDoubt.length > 0 ? await patience(() => findStored(images, step.jobId, open)) : [];
  const wanted = open.filter((slot) => !recovered.some(({ index }) => index === slot));

  /** Ends the call without sending it; what was stored before is kept, whatever the end. */
  const end = async (
    outcome: CallOutcome,
    slots: SlotRecord[],
    change = (record: CallRecord) => record,
  ): Promise<Prepared> => {
    // Another instance may have paid for images meanwhile.
    if (!isFresh) return { kind: "changed" };
    const ends = [...recovered, ...slots];
    if (earlier) return settled(await patience(() => settle(deps, step, change, outcome, ends)));
    await patience(() => jobs.settleSlots(step.jobId, ends));
    return settled(outcome);
  };
  const reject = (failure: ErrorInfo) => end({ kind: "rejected", failure }, failedSlots(wanted, failure));

  // A bill that came with images is no doubt any more: what was stored answers the latest attempt.
  if (earlier && wanted.length === 0)
    return end({ kind: "stored" }, [], (record) => markAnswered(record, inDoubt.at(-1) ?? ""));
  if (earlier && !isRepeatable && attemptsExhausted(earlier))
    return end({ kind: "lost" }, failedSlots(wanted, exhausted));
  if (clock.now().getTime() >= step.deadline) return reject(tooLate(inDoubt.length > 0));

  await patience(() => images.check());
  if (job.inputs) {
    const borrowed = await borrow(deps, job.inputs, patience);
    if (borrowed.kind === "gone") return reject(borrowed.failure);
    releases.push(() => borrowed.files.release());
    // Its files are told apart from its place, so that both are given back by one piece of code.
    return begin(borrowed.files);
  }
  return begin();

  async function begin(files?: BorrowedFiles): Promise<Prepared> {
    const attempt = randomUUID();
    // A call in doubt counts as spent: what is sent again is paid anew. An operation is one however often it is submitted.
    if (inDoubt.length > 0 && !isRepeatable) {
      const repeat = { call: step.call, images: wanted.length, inDoubt: inDoubt.length };
      const failure = await patience(() => deps.accounts.reserveRepeat(job, repeat));
      if (failure) return reject(failure);
    }
    // Last of all that may take its time: from its own time on a permit's room is gone, used or not.
    // An operation that was taken isn't submitted again.
    const needsPermit = earlier?.operation === undefined;
    const acquired =
      needsPermit &&
      (await patience(() =>
        acquirePermit(deps, {
          job,
          step,
          images: wanted.length,
          attempt,
          hasBegun: progress.calls.length > 0,
        }),
      ));
    if (acquired && acquired.kind === "queued") return settled(acquired);
    if (acquired && acquired.kind === "tooLate") return reject(acquired.failure);
    const permit = acquired ? acquired.permit : undefined;
    if (permit) {
      releases.unshift(() => permit.settle({ kind: "notSent" }));
      await deps.sleep(Math.max(0, permit.at - clock.now().getTime()));
    }
    const sentTo = job.anyDeployment && job.deployment;
    const begun = await patience(() => jobs.beginAttempt(step.jobId, step.call, attempt, earlier, sentTo));
    // Large inputs take their time: the job may have been canceled while they were fetched.
    if (begun.kind === "over") return settled(await patience(() => discard(deps, step)));
    if (begun.kind === "changed") return begun;
    const { record } = begun;
    const remainingMs = step.deadline - clock.now().getTime();
    // Storage may have been away for long.
    if (remainingMs <= 0) {
      const failure = tooLate(inDoubt.length > 0);
      const undo = (current: CallRecord) => undoAttempt(current, attempt);
      const slots = [...recovered, ...failedSlots(wanted, failure)];
      return settled(await patience(() => settle(deps, step, undo, { kind: "rejected", failure }, slots)));
    }
    const usedMs = clock.now().getTime() - stepTime.startedAt;
    const timeUp = AbortSignal.timeout(Math.max(1, Math.min(remainingMs, maxCallMs - usedMs)));
    const { signal: ended, release: unwatch } = deps.ends.watch(step.jobId);
    releases.unshift(unwatch);
    // An operation that is being submitted must become known, or nobody could remove it.
    const signal = isRepeatable ? timeUp : AbortSignal.any([timeUp, ended]);
    const parts = {
      clock: stepTime,
      job,
      model,
      record,
      attempt,
      wanted,
      recovered,
      signal,
      timeUp,
      ended,
      release,
    };
    return { kind: "ready", call: { ...parts, ...(files && { files }), ...(permit && { permit }) } };
  }
}

const exhausted = errorInfo(
  "upstreamUnavailable",
  "The service was asked six times and nobody saw the end of it.",
);

function tooLate(wasAsked: boolean): ErrorInfo {
  const asked =
    "The job's deadline passed before an answer was seen; the service was asked, and may bill it.";
  return errorInfo(
    "deadlineExceeded",
    wasAsked ? asked : "The job's deadline passed before the service was asked.",
  );
}

type Borrowed = { kind: "borrowed"; files: BorrowedFiles } | { kind: "gone"; failure: ErrorInfo };

/** Inputs that are gone stay gone; anything else a retry may cure. */
async function borrow(
  { inputs }: UpstreamDependencies,
  wanted: NonNullable<JobRecord["inputs"]>,
  patience: Patience,
): Promise<Borrowed> {
  try {
    return { kind: "borrowed", files: await patience(() => inputs.borrow(wanted)) };
  } catch (error) {
    if (!(error instanceof AppError) || !isOfRequest(error.code)) throw error;
    return { kind: "gone", failure: errorInfo(error.code, error.detail) };
  }
}
