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
    await jobs.failSlots(jobId, slots, fault);
    return { done: true };
  };
