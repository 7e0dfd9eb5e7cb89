import type { Clock } from "../ports/clock.ts";
import type { JobStore } from "../ports/jobs.ts";

/** Marks the job as running. `proceed` is false when it has ended already: there is nothing left to do for it. */
export const beginJobWith =
  ({ jobs, clock }: { jobs: JobStore; clock: Clock }) =>
  async ({ jobId }: { jobId: string }): Promise<{ proceed: boolean }> => {
    const job = await jobs.begin(jobId, clock.now().toISOString());
    return { proceed: job !== undefined };
  };
