import { randomUUID } from "node:crypto";
import type { ReleaseStack } from "../async/release-stack.ts";
import { AppError, errorInfo, type ErrorInfo, isOfRequest } from "../domain/app-error.ts";
import { markAnswered, undoAttempt } from "../domain/call-attempts.ts";
import { decideCall, tooLate } from "../domain/decide-call.ts";
import type { DeploymentQuota, ResolvedDeployment } from "../domain/deployment.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { JobAccounts } from "../jobs/job-accounts.ts";
import type { ImageModel } from "../ports/image-model.ts";
import type { BorrowedFiles, InputFiles } from "../ports/inputs.ts";
import type { QuotaPools } from "../ports/quota.ts";
import type { CallRecord, JobRecord, SlotRecord } from "../ports/records.ts";
import { acquirePermit, type HeldPermit } from "./call-permit.ts";
import type { CancellationWatcher } from "./cancellation-watcher.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import { discard, type FoundCall, missingSlots } from "./find-call.ts";
import type { SettleAnswerDeps } from "./settle-answer.ts";
import { type SentCall, settle } from "./settle-call.ts";
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

/** The clock of a step that sends a call. */
export interface CallClock extends StepClock {
  /** In epoch milliseconds. */
  startedAt: number;
  /** Before the call is sent. */
  preparing: Patience;
}

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
export type AcquiredCall =
  | { kind: "settled"; outcome: CallOutcome }
  | { kind: "ready"; call: ReadyCall }
  | { kind: "changed" };

export const settled = (outcome: CallOutcome): AcquiredCall => ({ kind: "settled", outcome });

// The host ends an activity after ten minutes, with the process that runs it (host.json, functionTimeout).
const maxStepMs = 9.8 * 60_000;
const maxCallMs = 9.5 * 60_000;
// What is waited for before the call is sent is taken from its own time: longer outages are the orchestration's to wait for.
const maxPrepareMs = 60_000;
// A fetch may take two minutes more.
const maxFetchingMs = 5 * 60_000;

/** How long a step may wait for storage with what it has received: as long as the host lets it run. */
export function callClock(deps: SettleAnswerDeps): CallClock {
  const startedAt = deps.clock.now().getTime();
  const patience = patienceUntil(deps, startedAt + maxStepMs);
  const preparing = patienceUntil(deps, startedAt + maxPrepareMs);
  return { startedAt, patience, preparing, fetchUntil: startedAt + maxFetchingMs };
}

/** A call that is about to be sent or given up. */
interface OpenCall extends FoundCall {
  clock: CallClock;
  isRepeatable: boolean;
  /** Images that an earlier delivery stored but didn't live to record. */
  recovered: SlotRecord[];
  /** What it holds by now. */
  held: ReleaseStack;
}

/**
 * All that a call needs, and last of all its record: whatever fails before that leaves no doubt about a bill. The one who asks
 * gives back what `held` has taken on, unless the call is ready.
 */
export async function acquireCall(
  deps: UpstreamDependencies,
  found: FoundCall,
  { clock, isRepeatable, held }: Pick<OpenCall, "clock" | "isRepeatable" | "held">,
): Promise<AcquiredCall> {
  const { step, job, record, progress } = found;
  const { preparing } = clock;
  const open = missingSlots(step, progress);
  const recovered = record?.inDoubt.length
    ? await preparing(() => findStored(deps.images, step.jobId, open))
    : [];
  const call: OpenCall = { ...found, clock, isRepeatable, recovered, held };
  const stored = recovered.map(({ index }) => index);
  const known = { inDoubt: record?.inDoubt, open, stored, isRepeatable };
  const decision = decideCall(known, deps.clock.now().getTime(), step.deadline);
  if (decision.kind === "stored")
    return end(deps, call, { kind: "stored" }, [], (current) => markAnswered(current, decision.answered));
  if (decision.kind === "givenUp") {
    const { isLost, wanted, failure } = decision;
    const outcome: CallOutcome = isLost ? { kind: "lost" } : { kind: "rejected", failure };
    return end(deps, call, outcome, failedSlots(wanted, failure));
  }
  const { wanted, isPaidAnew } = decision;
  const reject = (failure: ErrorInfo) =>
    end(deps, call, { kind: "rejected", failure }, failedSlots(wanted, failure));

  await preparing(() => deps.images.check());
  const borrowed = job.inputs && (await borrow(deps, job.inputs, preparing));
  if (borrowed?.kind === "gone") return reject(borrowed.failure);
  if (borrowed) held.add(() => borrowed.files.release());
  if (isPaidAnew) {
    const repeat = { call: step.call, images: wanted.length, inDoubt: record?.inDoubt.length ?? 0 };
    const failure = await preparing(() => deps.accounts.reserveRepeat(job, repeat));
    if (failure) return reject(failure);
  }
  const attempt = randomUUID();
  // Last of all that may take its time: from its own time on a permit's room is gone, used or not.
  const turn = await takeTurn(deps, call, attempt, wanted.length);
  if (turn.kind === "queued") return settled(turn);
  if (turn.kind === "tooLate") return reject(turn.failure);
  return begin(deps, call, { attempt, wanted, permit: turn.permit, files: borrowed?.files });
}

/** Ends the call without sending it; what was stored before is kept, whatever the end. */
async function end(
  { jobs }: UpstreamDependencies,
  { step, record, isFresh, recovered, clock: { preparing } }: OpenCall,
  outcome: CallOutcome,
  slots: SlotRecord[],
  change = (current: CallRecord) => current,
): Promise<AcquiredCall> {
  // Another instance may have paid for images meanwhile.
  if (!isFresh) return { kind: "changed" };
  const ends = [...recovered, ...slots];
  if (record) return settled(await preparing(() => settle({ jobs }, step, change, outcome, ends)));
  await preparing(() => jobs.settleSlots(step.jobId, ends));
  return settled(outcome);
}

/** A permit, held until the call's end, once its time has come. An operation that was taken isn't submitted again. */
async function takeTurn(
  deps: UpstreamDependencies,
  { step, job, progress, record, held, clock: { preparing } }: OpenCall,
  attempt: string,
  images: number,
) {
  if (record?.operation !== undefined) return { kind: "free" as const, permit: undefined };
  const hasBegun = progress.calls.length > 0;
  const turn = await preparing(() => acquirePermit(deps, { job, step, images, attempt, hasBegun }));
  const permit = turn.kind === "free" && turn.permit;
  if (permit) {
    held.add(() => permit.settle({ kind: "notSent" }));
    await deps.sleep(Math.max(0, permit.at - deps.clock.now().getTime()));
  }
  return turn;
}

interface Send {
  attempt: string;
  wanted: number[];
  permit: HeldPermit | undefined;
  files: BorrowedFiles | undefined;
}

/** Notes the attempt, which is in doubt from now on. */
async function begin(
  deps: UpstreamDependencies,
  { step, job, record: earlier, isRepeatable, recovered, held, clock }: OpenCall,
  { attempt, wanted, permit, files }: Send,
): Promise<AcquiredCall> {
  const { preparing } = clock;
  const sentTo = job.anyDeployment && job.deployment;
  const begun = await preparing(() =>
    deps.jobs.beginAttempt(step.jobId, step.call, attempt, earlier, sentTo),
  );
  // Large inputs take their time: the job may have been canceled while they were fetched.
  if (begun.kind === "over") return settled(await preparing(() => discard(deps, step)));
  if (begun.kind === "changed") return begun;
  const now = deps.clock.now().getTime();
  // Storage may have been away for long.
  if (now >= step.deadline) {
    const failure = tooLate((earlier?.inDoubt ?? []).length > 0);
    const undo = (current: CallRecord) => undoAttempt(current, attempt);
    const slots = [...recovered, ...failedSlots(wanted, failure)];
    return settled(await preparing(() => settle(deps, step, undo, { kind: "rejected", failure }, slots)));
  }
  const callMs = Math.min(step.deadline - now, clock.startedAt + maxCallMs - now);
  const timeUp = AbortSignal.timeout(Math.max(1, callMs));
  const { signal: ended, release: unwatch } = deps.ends.watch(step.jobId);
  held.add(unwatch);
  const call: ReadyCall = {
    clock,
    job,
    model: deps.models.at(job.deployment),
    record: begun.record,
    attempt,
    wanted,
    recovered,
    // An operation that is being submitted must become known, or nobody could remove it.
    signal: isRepeatable ? timeUp : AbortSignal.any([timeUp, ended]),
    timeUp,
    ended,
    release: () => held.release(),
    ...(files && { files }),
    ...(permit && { permit }),
  };
  return { kind: "ready", call };
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
