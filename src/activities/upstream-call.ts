import type { CallStep } from "../contracts/workflow.ts";
import { takeBack } from "../domain/call-record.ts";
import { Fault, factsOf, type FaultFacts, UpstreamFault } from "../domain/fault.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type {
  CallRecord,
  Clock,
  ImageModel,
  ImageModels,
  ImageStore,
  JobRecord,
  JobStore,
  SlotRecord,
  UpstreamReply,
} from "../ports.ts";
import { keepImages } from "./keep-images.ts";

export interface UpstreamDependencies {
  jobs: JobStore;
  images: ImageStore;
  models: ImageModels;
  clock: Clock;
}

// The service says up to 60 s, users report minutes; below the host's own limit of ten, so that the end is ours to tell.
const longestCallMs = 5 * 60_000;

/** One upstream call as its activity holds it. */
export interface OpenCall {
  job: JobRecord;
  model: ImageModel;
  /** Slots without an image, in order. */
  wanted: number[];
  /** The record as it now stands: this send is counted as unanswered. */
  record: CallRecord;
  /** Images that an earlier delivery stored but didn't live to record. */
  salvaged: SlotRecord[];
  signal: AbortSignal;
}

/**
 * Opens a call, or says how it ended when that is known: an earlier delivery of the step settled it, or stored all its
 * images before it was cut off, or the deadline has passed. Nothing is paid for twice that can be found first.
 */
export async function openCall(deps: UpstreamDependencies, step: CallStep): Promise<OpenCall | CallOutcome> {
  const { jobs, images, models, clock } = deps;
  const [job, record] = await Promise.all([jobs.read(step.jobId), jobs.openCall(step.jobId, step.call)]);
  if (!job) throw new Fault("internal", "the job's record is gone");
  if (record.outcome) return record.outcome;

  const found = record.repeated > 0 ? await images.list(step.jobId) : [];
  const stored = found.filter(({ index }) => step.slots.includes(index));
  const salvaged = stored.map((image): SlotRecord => ({ state: "stored", ...image }));
  const wanted = step.slots.filter((slot) => !stored.some(({ index }) => index === slot));
  const unsent = takeBack(record);
  if (wanted.length === 0) return settle(deps, step, unsent, { kind: "stored" }, salvaged);

  const remainingMs = step.deadline - clock.now().getTime();
  if (remainingMs <= 0) {
    const fault = factsOf("deadlineExceeded", "The job's deadline passed before the service was asked.");
    const slots = [...salvaged, ...failedSlots(wanted, fault)];
    return settle(deps, step, unsent, { kind: "rejected", fault }, slots);
  }
  const signal = AbortSignal.timeout(Math.min(remainingMs, longestCallMs));
  return { job, model: models.at(job.deployment), wanted, record, salvaged, signal };
}

/** Writes the end of a call from the service's reply, images first: a record never points at a missing blob. */
export async function settleReply(
  deps: UpstreamDependencies,
  step: CallStep,
  { record, wanted, salvaged }: Pick<OpenCall, "record" | "wanted" | "salvaged">,
  reply: UpstreamReply,
): Promise<CallOutcome> {
  const answered: CallRecord = { ...record, unanswered: Math.max(0, record.unanswered - 1) };
  switch (reply.kind) {
    case "images": {
      const slots = await keepImages(deps.images, step.jobId, wanted, reply.items);
      const call = reply.usage ? { ...answered, usage: reply.usage } : answered;
      return settle(deps, step, call, { kind: "stored" }, [...salvaged, ...slots]);
    }
    case "refused":
      return settle(deps, step, answered, { kind: "refused" }, [
        ...salvaged,
        ...failedSlots(wanted, reply.fault),
      ]);
    case "throttled":
      await deps.jobs.settleCall(step.jobId, takeBack(record), salvaged);
      return reply;
    case "rejected":
    case "accountBlocked":
      return settle(deps, step, takeBack(record), reply, [...salvaged, ...failedSlots(wanted, reply.fault)]);
  }
}

/** A fault that the service is known not to bill leaves no doubt behind: the next try isn't a repeated call. */
export async function settleFault(
  { jobs }: UpstreamDependencies,
  step: CallStep,
  { record, salvaged }: OpenCall,
  error: unknown,
): Promise<void> {
  if (!(error instanceof UpstreamFault) || error.mayBeBilled) return;
  await jobs.settleCall(step.jobId, takeBack(record), salvaged);
}

async function settle(
  { jobs }: UpstreamDependencies,
  step: CallStep,
  call: CallRecord,
  outcome: CallOutcome,
  slots: SlotRecord[],
): Promise<CallOutcome> {
  await jobs.settleCall(step.jobId, { ...call, outcome }, slots);
  return outcome;
}

function failedSlots(slots: readonly number[], fault: FaultFacts): SlotRecord[] {
  return slots.map((index) => ({ state: "failed", index, fault }));
}
