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
    const job = await jobs.read(jobId);
    if (!job) return { images: [] };
    const stored = await findUnrecorded({ jobs, images }, jobId, job.request.n);
    const { status } = await jobs.end(jobId, ({ slots, calls }) => {
      const added = stored.filter(({ index }) => !slots.some((slot) => slot.index === index));
      const { failures, ...conclusion } = concludeJob(job.request.n, [...slots, ...added], failure);
      return {
        end: { ...conclusion, finishedAt: clock.now().toISOString(), ...tallyCalls(calls) },
        slots: [...added, ...failures.map((failure): SlotRecord => ({ state: "failed", ...failure }))],
      };
    });
    // Nothing of a canceled job is to arrive any more, thumbnails neither: they are made when somebody asks for them.
    if (status === "canceled") return { images: [] };
    const { slots } = await jobs.readProgress(jobId);
    return { images: slots.flatMap((slot) => (slot.state === "stored" ? [slot.index] : [])) };
  };

async function findUnrecorded(
  { jobs, images }: Pick<Dependencies, "jobs" | "images">,
  jobId: string,
  n: number,
): Promise<SlotRecord[]> {
  const { slots, end } = await jobs.readProgress(jobId);
  if (end) return [];
  const open = Array.from({ length: n }, (_, index) => index);
  const missing = open.filter((index) => !slots.some((slot) => slot.index === index));
  return findStored(images, jobId, missing);
}
