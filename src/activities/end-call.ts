import type { CallStep } from "../contracts/workflow.ts";
import { takeBack } from "../domain/call-record.ts";
import { factsOf, type FaultFacts, UpstreamFault } from "../domain/fault.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { ImageStore, JobStore, UpstreamReply } from "../ports.ts";
import type { CallRecord, SlotRecord } from "../records.ts";
import { GatheredImages } from "./gathered-images.ts";
import { keepImages } from "./keep-images.ts";

/** How a call ends, and what is written of that: by the service's reply, by its fault, or because its job has ended. */

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
}

/** What a call was sent for. */
export interface OpenSlots {
  /** Slots without an image, in order. */
  wanted: number[];
  /** Images that an earlier delivery stored but didn't live to record. */
  salvaged: SlotRecord[];
}

/** What a call comes to whose job has ended meanwhile: nothing of it is kept. */
const jobEnded: CallOutcome = {
  kind: "rejected",
  fault: factsOf("expired", "The job had ended before this image was made."),
};

/**
 * The end of a call whose job has ended without it. Images that it stored too late are removed: its job doesn't know of
 * them, so nobody else ever would.
 */
export async function sweep({ jobs, images }: Dependencies, step: CallStep): Promise<CallOutcome> {
  const [stored, { slots }] = await Promise.all([images.list(step.jobId), jobs.readProgress(step.jobId)]);
  const known = new Set(slots.flatMap((slot) => (slot.state === "stored" ? [slot.blob] : [])));
  const late = stored.filter(({ blob, index }) => step.slots.includes(index) && !known.has(blob));
  await Promise.all(late.map(({ blob }) => images.remove(blob)));
  return jobEnded;
}

/** Writes the end of a call from the service's reply, images first: a record never points at a missing blob. */
export async function recordReply(
  deps: Dependencies,
  step: CallStep,
  { wanted, salvaged }: OpenSlots,
  reply: UpstreamReply,
  gathered = new GatheredImages(),
): Promise<CallOutcome> {
  switch (reply.kind) {
    case "images": {
      if (await deps.jobs.hasEnded(step.jobId)) return await late(deps, step, reply);
      const items = wanted.map((_slot, position) => gathered.at(position, reply.items[position]));
      const { records, failure } = await keepImages(deps.images, step.jobId, wanted, items);
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
  deps: Dependencies,
  step: CallStep,
  { usage }: { usage?: CallRecord["usage"] },
): Promise<CallOutcome> {
  await close(deps, step, (record) => addUsage(answered(record), usage), jobEnded, []);
  return sweep(deps, step);
}

/** A fault that the service is known not to bill leaves no doubt behind: the next try isn't a repeated call. */
export async function recordFault(
  { jobs }: Dependencies,
  step: CallStep,
  { salvaged }: Pick<OpenSlots, "salvaged">,
  error: unknown,
): Promise<void> {
  if (!(error instanceof UpstreamFault) || error.mayBeBilled) return;
  await jobs.closeCall(step.jobId, step.call, takeBack, salvaged);
}

export async function close(
  { jobs }: Dependencies,
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

export function answered(record: CallRecord): CallRecord {
  return { ...record, unanswered: Math.max(0, record.unanswered - 1) };
}

function addUsage(record: CallRecord, usage: CallRecord["usage"]): CallRecord {
  return usage ? { ...record, usage } : record;
}

export function failedSlots(slots: readonly number[], fault: FaultFacts): SlotRecord[] {
  return slots.map((index) => ({ state: "failed", index, fault }));
}
