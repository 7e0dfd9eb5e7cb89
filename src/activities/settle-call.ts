import type { CallStep } from "../contracts/workflow.ts";
import { markAnswered, undoAttempt } from "../domain/call-attempts.ts";
import { errorInfo } from "../domain/app-error.ts";
import { unusableBlobName } from "../domain/blob-name.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { UpstreamReply } from "../ports/image-model.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { CallRecord, SlotRecord } from "../ports/records.ts";
import type { Patience } from "./storage-patience.ts";
import { failedSlots } from "./store-image.ts";

/** What is written when a call has come to an end, other than by images. */

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
}

/** A call that was sent, with what is known of its slots. */
export interface SentCall {
  attempt: string;
  /** Slots without an image, in order. */
  wanted: number[];
  /** Images that an earlier delivery stored but didn't live to record. */
  recovered: SlotRecord[];
}

const maxDiscardRounds = 3;

/** What a call comes to whose job has ended meanwhile: nothing of it is kept. */
export const jobEnded: CallOutcome = {
  kind: "rejected",
  failure: errorInfo("expired", "The job had ended before this image was made."),
};

/**
 * The end of a call whose job has ended without it. What it stored too late is removed, images and what came in their place:
 * its job doesn't know of them, so nobody else ever would.
 */
export async function discardLateImages(
  { jobs, images }: Dependencies,
  step: CallStep,
): Promise<CallOutcome> {
  const { slots } = await jobs.readProgress(step.jobId);
  const known = new Set(slots.flatMap((slot) => (slot.state === "stored" ? [slot.blob] : [])));
  const kept = new Set(slots.flatMap((slot) => (slot.state === "failed" && slot.file ? [slot.index] : [])));
  // They are no images, and no list has them.
  const files = step.slots.filter((index) => !kept.has(index));
  await Promise.all(files.map((index) => images.remove(unusableBlobName(step.jobId, index))));
  // Again until nothing is found: a removal that was answered with a stray 404 leaves its blob.
  for (let round = 0; round < maxDiscardRounds; round += 1) {
    const stored = await images.list(step.jobId);
    const late = stored.filter(({ blob, index }) => step.slots.includes(index) && !known.has(blob));
    if (late.length === 0) break;
    await Promise.all(late.map(({ blob }) => images.remove(blob)));
  }
  return jobEnded;
}

/** Writes a call's outcome with its slots. The first outcome wins; the one that then stands is returned. */
export async function settle(
  { jobs }: Pick<Dependencies, "jobs">,
  step: CallStep,
  change: (record: CallRecord) => CallRecord,
  outcome: CallOutcome,
  slots: readonly SlotRecord[],
): Promise<CallOutcome> {
  const { record } = await jobs.settleCall(
    step.jobId,
    step.call,
    (record) => ({ ...change(record), outcome }),
    slots,
  );
  return record.outcome ?? outcome;
}

/** Records a reply that brought no images. A reply that is known not to bill leaves no doubt: its attempt is undone. */
export async function settleReply(
  deps: Dependencies,
  step: CallStep,
  { attempt, wanted, recovered }: SentCall,
  reply: Exclude<UpstreamReply, { kind: "images" }>,
  patience: Patience,
): Promise<CallOutcome> {
  const undo = (record: CallRecord) => undoAttempt(record, attempt);
  const settleAs = (change: (record: CallRecord) => CallRecord, outcome: CallOutcome, slots: SlotRecord[]) =>
    patience(() => settle(deps, step, change, outcome, [...recovered, ...slots]));
  switch (reply.kind) {
    case "refused": {
      const answered = (record: CallRecord) => markAnswered(record, attempt);
      return settleAs(answered, { kind: "refused" }, failedSlots(wanted, reply.failure));
    }
    case "rejected":
    case "accountBlocked":
      return settleAs(undo, reply, failedSlots(wanted, reply.failure));
    case "throttled":
    case "unavailable":
      // With a doubt about the bill the attempt stays in doubt: the next one is a duplicate.
      if (reply.kind === "throttled" || !reply.mayBeBilled)
        await patience(() => deps.jobs.settleCall(step.jobId, step.call, undo, recovered));
      return reply;
  }
}
