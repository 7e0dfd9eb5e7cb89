import { tallyCalls } from "../domain/call-attempts.ts";
import type { ErrorInfo } from "../domain/app-error.ts";
import { concludeJob } from "../domain/image-job.ts";
import type { Clock } from "../ports/clock.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { SlotRecord } from "../ports/records.ts";
import { findStored } from "./store-image.ts";

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
  clock: Clock;
}

/**
 * Ends the job by what its slots say, and tells which images it has. An ended job stays as it ended. `failure` is the
 * reason of slots that have none of their own. What is stored counts before what is recorded: anyone who stored an image may
 * have been cut off before it recorded it.
 */
export const finishJobWith =
  ({ jobs, images, clock }: Dependencies) =>
  async ({ jobId, failure }: { jobId: string; failure?: ErrorInfo }): Promise<{ images: number[] }> => {
    const ended = await jobs.end(jobId, async ({ slots, calls }, { request: { n } }) => {
      const open = Array.from({ length: n }, (_, index) => index);
      const missing = open.filter((index) => !slots.some((slot) => slot.index === index));
      const unrecorded = await findStored(images, jobId, missing);
      const { failures, ...conclusion } = concludeJob(n, [...slots, ...unrecorded], failure);
      return {
        end: { ...conclusion, finishedAt: clock.now().toISOString(), ...tallyCalls(calls) },
        slots: [...unrecorded, ...failures.map((failure): SlotRecord => ({ state: "failed", ...failure }))],
      };
    });
    // Nothing of a canceled job is to arrive any more, thumbnails neither: they are made when somebody asks for them.
    if (!ended || ended.job.status === "canceled") return { images: [] };
    return { images: ended.slots.flatMap((slot) => (slot.state === "stored" ? [slot.index] : [])) };
  };
