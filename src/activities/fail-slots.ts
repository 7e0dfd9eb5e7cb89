import type { FaultFacts } from "../domain/fault.ts";
import type { ImageStore, JobStore } from "../ports.ts";
import { failedSlots, findStored } from "./store-image.ts";

interface FailSlots {
  jobId: string;
  slots: number[];
  fault: FaultFacts;
}

/** Gives every slot that has no end its reason; one whose image is stored, though nobody recorded it, gets that. */
export const failSlotsWith =
  ({ jobs, images }: { jobs: JobStore; images: ImageStore }) =>
  async ({ jobId, slots, fault }: FailSlots): Promise<{ done: true }> => {
    const stored = await findStored(images, jobId, slots);
    const missing = slots.filter((slot) => !stored.some(({ index }) => index === slot));
    await jobs.settleSlots(jobId, [...stored, ...failedSlots(missing, fault)]);
    return { done: true };
  };
