import type { ErrorInfo } from "../domain/app-error.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";
import { failedSlots, findStored } from "./store-image.ts";

interface FailSlots {
  jobId: string;
  slots: number[];
  failure: ErrorInfo;
}

/** Gives every slot that has no end its reason; one whose image is stored, though nobody recorded it, gets that. */
export const failSlotsWith =
  ({ jobs, images }: { jobs: JobStore; images: ImageStore }) =>
  async ({ jobId, slots, failure }: FailSlots): Promise<{ done: true }> => {
    const stored = await findStored(images, jobId, slots);
    const missing = slots.filter((slot) => !stored.some(({ index }) => index === slot));
    await jobs.settleSlots(jobId, [...stored, ...failedSlots(missing, failure)]);
    return { done: true };
  };
