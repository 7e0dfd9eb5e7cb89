import { tallyCalls } from "../domain/call-record.ts";
import type { FaultFacts } from "../domain/fault.ts";
import { concludeJob } from "../domain/image-job.ts";
import type { Clock, JobStore } from "../ports.ts";
import type { SlotRecord } from "../records.ts";

/**
 * Ends the job by what its slots say, and tells which images it has. An ended job stays as it ended. `fault` is the
 * reason of slots that have none of their own.
 */
export const finishJobWith =
  ({ jobs, clock }: { jobs: JobStore; clock: Clock }) =>
  async ({ jobId, fault }: { jobId: string; fault?: FaultFacts }): Promise<{ images: number[] }> => {
    const job = await jobs.read(jobId);
    if (!job) return { images: [] };
    const { status } = await jobs.end(jobId, ({ slots, calls }) => {
      const { failures, ...conclusion } = concludeJob(job.request.n, slots, fault);
      return {
        end: { ...conclusion, finishedAt: clock.now().toISOString(), ...tallyCalls(calls) },
        slots: failures.map((failure): SlotRecord => ({ state: "failed", ...failure })),
      };
    });
    // Nothing of a canceled job is to arrive any more, thumbnails neither: they are made when somebody asks for them.
    if (status === "canceled") return { images: [] };
    const { slots } = await jobs.readProgress(jobId);
    return { images: slots.flatMap((slot) => (slot.state === "stored" ? [slot.index] : [])) };
  };
