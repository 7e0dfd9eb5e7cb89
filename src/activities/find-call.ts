import type { CallStep } from "../contracts/workflow.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { JobStore, RecalledJob } from "../ports/jobs.ts";
import type { CallRecord, JobProgress, JobRecord } from "../ports/records.ts";
import { fetchLinks } from "./fetch-links.ts";
import { settleAnswer, type SettleAnswerDeps } from "./settle-answer.ts";
import { readJob, recallOrRead } from "./recall-job.ts";
import { discardLateImages } from "./settle-call.ts";
import type { Patience, StepClock } from "./storage-patience.ts";

/** A call as it is found when its step begins. */
export interface FoundCall extends RecalledJob {
  step: CallStep;
  record: CallRecord | undefined;
}

/** The call as it is read. */
export async function findCall(
  { jobs }: { jobs: JobStore },
  step: CallStep,
  patience: Patience,
): Promise<FoundCall | undefined> {
  const read = await patience(() => readJob(jobs, step.jobId));
  return read && foundIn(read, step);
}

/**
 * A call that is new by all that this process knows, which costs no request; and any other as it is read: what an earlier run
 * of its step has left, on whatever instance, may be paid for.
 */
export async function findNewCall(
  { jobs }: { jobs: JobStore },
  step: CallStep,
  patience: Patience,
): Promise<FoundCall | undefined> {
  const isNew = (recalled: RecalledJob) =>
    foundIn(recalled, step).record === undefined && !isOver(recalled.job, recalled.progress);
  const found = await patience(() => recallOrRead(jobs, step.jobId, isNew));
  return found && foundIn(found, step);
}

/** With its job as of the deployment that the call was last sent to. */
function foundIn(recalled: RecalledJob, step: CallStep): FoundCall {
  const record = recalled.progress.calls.find(({ call }) => call === step.call);
  const { deployment = recalled.job.deployment } = record ?? {};
  return { ...recalled, job: { ...recalled.job, deployment }, step, record };
}

/** Nobody wants what the call brought any more, wherever it lies. */
export async function discard(deps: SettleAnswerDeps, step: CallStep): Promise<CallOutcome> {
  await deps.spool.remove(step);
  return discardLateImages(deps, step);
}

/** A call that was answered by an earlier run of its step, brought to its end; undefined for one that wasn't. */
export async function finishAnswered(
  deps: SettleAnswerDeps,
  { step, job, record }: FoundCall,
  clock: StepClock,
): Promise<CallOutcome | undefined> {
  if (record?.outcome) return record.outcome;
  const answer = await deps.spool.find(step);
  if (answer) return settleAnswer(deps, { step, job }, answer, clock);
  return record?.links ? fetchLinks(deps, { step, job, record }, clock) : undefined;
}

/** Whether a job has ended, going by what was decided rather than by its record, which may lag behind. */
export function isOver(job: JobRecord, { end }: JobProgress): boolean {
  return end !== undefined || isTerminal(job.status);
}

/** Slots of the call that have no end yet. */
export function missingSlots(step: CallStep, { slots }: JobProgress): number[] {
  return step.slots.filter((index) => !slots.some((slot) => slot.index === index));
}
