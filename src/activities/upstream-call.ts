import type { CallStep } from "../contracts/workflow.ts";
import { isSpent, takeBack } from "../domain/call-record.ts";
import { Fault, factsOf, type FaultFacts, isOfRequest, UpstreamFault } from "../domain/fault.ts";
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
  UpstreamReply,
} from "../ports.ts";
import type { CallRecord, JobProgress, JobRecord, SlotRecord } from "../records.ts";
import type { EndWatch } from "./end-watch.ts";
import { keepImages } from "./keep-images.ts";

export interface UpstreamDependencies {
  jobs: JobStore;
  images: ImageStore;
  models: ImageModels;
  clock: Clock;
  inputs: InputFiles;
  ends: EndWatch;
}

/** What a call comes to whose job has ended meanwhile: nothing of it is kept. */
const jobEnded: CallOutcome = {
  kind: "rejected",
  fault: factsOf("expired", "The job had ended before this image was made."),
};

// The service says up to 60 s, users report minutes; below the host's own limit of ten, so that the end is ours to tell.
const longestCallMs = 5 * 60_000;

/** One upstream call that is noted as sent and is to be sent now. */
export interface PreparedCall {
  job: JobRecord;
  model: ImageModel;
  record: CallRecord;
  /** Slots without an image, in order. */
  wanted: number[];
  /** Images that an earlier delivery stored but didn't live to record. */
  salvaged: SlotRecord[];
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

/**
 * The end of a call whose job has ended without it. Images that it stored too late are removed: its job doesn't know of
 * them, so nobody else ever would.
 */
export async function sweep({ jobs, images }: UpstreamDependencies, step: CallStep): Promise<CallOutcome> {
  const [stored, { slots }] = await Promise.all([images.list(step.jobId), jobs.readProgress(step.jobId)]);
  const known = new Set(slots.flatMap((slot) => (slot.state === "stored" ? [slot.blob] : [])));
  const late = stored.filter(({ blob, index }) => step.slots.includes(index) && !known.has(blob));
  await Promise.all(late.map(({ blob }) => images.remove(blob)));
  return jobEnded;
}

/** Slots of the call that have no end yet. */
export function missingSlots(step: CallStep, { slots }: JobProgress): number[] {
  return step.slots.filter((index) => !slots.some((slot) => slot.index === index));
}

/** Writes the end of a call from the service's reply, images first: a record never points at a missing blob. */
export async function recordReply(
  deps: UpstreamDependencies,
  step: CallStep,
  { wanted, salvaged }: Pick<PreparedCall, "wanted" | "salvaged">,
  reply: UpstreamReply,
): Promise<CallOutcome> {
  switch (reply.kind) {
    case "images": {
      if (await deps.jobs.hasEnded(step.jobId)) return await late(deps, step, reply);
      const { records, failure } = await keepImages(deps.images, step.jobId, wanted, reply.items);
      if (failure) {
        // What came is kept; the next try asks for the others alone.
        const kept = [...salvaged, ...records];
        if (kept.length > 0) await deps.jobs.closeCall(step.jobId, step.call, (record) => record, kept);
        throw failure;
      }
      const withUsage = (record: CallRecord) => addUsage(answered(record), reply.usage);
      const outcome = await close(deps, step, withUsage, { kind: "stored" }, [...salvaged, ...records]);
      // Canceled while they were being stored: the record didn't take them.
      return (await deps.jobs.hasEnded(step.jobId)) ? sweep(deps, step) : outcome;
    }
    case "refused": {
      const slots = [...salvaged, ...failedSlots(wanted, reply.fault)];
      return close(deps, step, answered, { kind: "refused" }, slots);
    }
    case "unavailable":
      // With a doubt about the bill the send stays unanswered: the next one is counted as repeated.
      if (!reply.mayBeBilled) await deps.jobs.closeCall(step.jobId, step.call, takeBack, salvaged);
      return reply;
    case "throttled":
      await deps.jobs.closeCall(step.jobId, step.call, takeBack, salvaged);
      return reply;
    case "rejected":
    case "accountBlocked":
      return close(deps, step, takeBack, reply, [...salvaged, ...failedSlots(wanted, reply.fault)]);
  }
}

/** Images that came after the job's end: they are dropped, and what they cost is kept. */
async function late(
  deps: UpstreamDependencies,
  step: CallStep,
  { usage }: { usage?: CallRecord["usage"] },
): Promise<CallOutcome> {
  await close(deps, step, (record) => addUsage(answered(record), usage), jobEnded, []);
  return sweep(deps, step);
}

/** A fault that the service is known not to bill leaves no doubt behind: the next try isn't a repeated call. */
export async function recordFault(
  { jobs }: UpstreamDependencies,
  step: CallStep,
  { salvaged }: PreparedCall,
  error: unknown,
): Promise<void> {
  if (!(error instanceof UpstreamFault) || error.mayBeBilled) return;
  await jobs.closeCall(step.jobId, step.call, takeBack, salvaged);
}

async function close(
  { jobs }: UpstreamDependencies,
  step: CallStep,
  change: (record: CallRecord) => CallRecord,
  outcome: CallOutcome,
  slots: SlotRecord[],
): Promise<CallOutcome> {
  const closed = await jobs.closeCall(
    step.jobId,
    step.call,
    (record) => ({ ...change(record), outcome }),
    slots,
  );
  return closed.outcome ?? outcome;
}

function answered(record: CallRecord): CallRecord {
  return { ...record, unanswered: Math.max(0, record.unanswered - 1) };
}

function addUsage(record: CallRecord, usage: CallRecord["usage"]): CallRecord {
  return usage ? { ...record, usage } : record;
}

function failedSlots(slots: readonly number[], fault: FaultFacts): SlotRecord[] {
  return slots.map((index) => ({ state: "failed", index, fault }));
}
