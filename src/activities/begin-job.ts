import { isTerminal } from "../domain/image-job.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobStore } from "../ports/jobs.ts";

/** Marks the job as running. `proceed` is false when it has ended already: there is nothing left to do for it. */
export const beginJobWith =
  ({ jobs, clock }: { jobs: JobStore; clock: Clock }) =>
  async ({ jobId }: { jobId: string }): Promise<{ proceed: boolean }> => {
    const found = await jobs.read(jobId);
    if (!found || isTerminal(found.status)) return { proceed: false };
    if (!(await jobs.append(jobId, { type: "job.running" }))) return { proceed: false };
    const job = await jobs.advance(jobId, "running", { startedAt: clock.now().toISOString() });
    return { proceed: !isTerminal(job.status) };
  };
