import type { CallStep } from "../contracts/workflow.ts";
import { isSpent } from "../domain/call-record.ts";
import { Fault, factsOf, isOfRequest } from "../domain/fault.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type {
  BorrowedFiles,
  Clock,
  ImageModel,
  ImageModels,
  ImageStore,
  InputFiles,
  JobStore,
} from "../ports.ts";
import type { CallRecord, JobProgress, JobRecord, SlotRecord } from "../records.ts";
import type { EndWatch } from "./end-watch.ts";
import { answered, close, failedSlots, type OpenSlots, sweep } from "./end-call.ts";

export interface UpstreamDependencies {
  jobs: JobStore;
  images: ImageStore;
  models: ImageModels;
  clock: Clock;
  inputs: InputFiles;
  ends: EndWatch;
}

// The service says up to 60 s, users report minutes; below the host's own limit of ten, so that the end is ours to tell.
const longestCallMs = 5 * 60_000;

/** One upstream call that is noted as sent and is to be sent now. */
export interface PreparedCall extends OpenSlots {
  job: JobRecord;
  model: ImageModel;
  record: CallRecord;
  /** What an edit starts from. */
  files?: BorrowedFiles;
  /** Aborted when the time is up, and when the job has ended. */
  signal: AbortSignal;
  ended: AbortSignal;
  /** Gives back what was borrowed. */
  release(): Promise<void>;
}

/**
 * Prepares a call, or says how it ended when that is known: an earlier delivery of the step settled it, or stored all
 * its images before it was cut off, or the deadline has passed. Nothing is paid for twice that can be found first.
 *
 * A repeatable call is billed once however often it is sent; any other is given up after six sends into the dark.
 * Noting the send is the last thing before it: whatever fails earlier leaves no doubt about a bill.
 */
export async function prepareCall(
  deps: UpstreamDependencies,
  step: CallStep,
  isRepeatable = false,
): Promise<PreparedCall | CallOutcome> {
  const { jobs, images, models, clock } = deps;
  const [job, progress] = await Promise.all([jobs.read(step.jobId), jobs.readProgress(step.jobId)]);
  if (!job || isOver(job, progress)) return sweep(deps, step);
  const earlier = progress.calls.find(({ call }) => call === step.call);
  if (earlier?.outcome) return earlier.outcome;

  const model = models.at(job.deployment);
  const open = missingSlots(step, progress);
  const found = earlier && earlier.unanswered > 0 ? await images.list(step.jobId) : [];
  const stored = found.filter(({ index }) => open.includes(index));
  const salvaged = stored.map((image): SlotRecord => ({ state: "stored", ...image }));
  const wanted = open.filter((slot) => !stored.some(({ index }) => index === slot));
  // A bill that came with images is no doubt any more: what was stored answers the earlier send.
  if (earlier && wanted.length === 0) return close(deps, step, answered, { kind: "stored" }, salvaged);

  if (earlier && !isRepeatable && isSpent(earlier)) {
    const fault = factsOf(
      "upstreamUnavailable",
      "The service was asked six times and nobody saw the end of it.",
    );
    const slots = [...salvaged, ...failedSlots(wanted, fault)];
    return close(deps, step, (record) => record, { kind: "lost" }, slots);
  }
  const remainingMs = step.deadline - clock.now().getTime();
  if (remainingMs <= 0) {
    const fault = factsOf("deadlineExceeded", "The job's deadline passed before the service was asked.");
    const rejected: CallOutcome = { kind: "rejected", fault };
    const slots = [...salvaged, ...failedSlots(wanted, fault)];
    if (earlier) return close(deps, step, (record) => record, rejected, slots);
    await jobs.failSlots(step.jobId, wanted, fault);
    return rejected;
  }
  let files: BorrowedFiles | undefined;
  try {
    files = job.inputs && (await deps.inputs.borrow(job.inputs));
  } catch (error) {
    // Inputs that are gone stay gone; anything else a retry may cure.
    if (!(error instanceof Fault) || !isOfRequest(error.code)) throw error;
    const fault = factsOf(error.code, error.detail);
    await jobs.failSlots(step.jobId, wanted, fault);
    return { kind: "rejected", fault };
  }
  const record = await jobs.openCall(step.jobId, step.call).catch(async (error: unknown) => {
    await files?.release();
    throw error;
  });
  if (!record || record.outcome) {
    await files?.release();
    // Large inputs take their time: the job may have been canceled while they were fetched.
    return record?.outcome ?? sweep(deps, step);
  }
  const timeUp = AbortSignal.timeout(Math.min(remainingMs, longestCallMs));
  const { signal: ended, release: unfollow } = deps.ends.follow(step.jobId);
  // An operation that is being submitted must become known, or nobody could remove it.
  const signal = isRepeatable ? timeUp : AbortSignal.any([timeUp, ended]);
  const release = async () => {
    unfollow();
    await files?.release();
  };
  return { job, model, record, wanted, salvaged, signal, ended, release, ...(files && { files }) };
}

/** Whether a job has ended, going by what was decided rather than by its record, which may lag behind. */
export function isOver(job: JobRecord, { end }: JobProgress): boolean {
  return end !== undefined || isTerminal(job.status);
}

/** Slots of the call that have no end yet. */
export function missingSlots(step: CallStep, { slots }: JobProgress): number[] {
  return step.slots.filter((index) => !slots.some((slot) => slot.index === index));
}
