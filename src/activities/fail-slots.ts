import type { FaultFacts } from "../domain/fault.ts";
import type { JobStore } from "../ports.ts";

/** Gives every slot that nothing is known of yet its reason. */
export const failSlotsWith =
  ({ jobs }: { jobs: JobStore }) =>
  async ({
    jobId,
    slots,
    fault,
  }: {
    jobId: string;
    slots: number[];
    fault: FaultFacts;
  }): Promise<{ done: true }> => {
    // A job that was deleted meanwhile must not get rows again that nobody would find.
    if (await jobs.read(jobId)) await jobs.failSlots(jobId, slots, fault);
    return { done: true };
  };
