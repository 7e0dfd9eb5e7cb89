import type { JobStore, RecalledJob } from "../ports/jobs.ts";

/** A job as this process recalls it where that is enough to act on, and else as it is read: another instance may have written more. */
export async function recallOrRead(
  jobs: JobStore,
  jobId: string,
  isEnough: (recalled: RecalledJob) => boolean,
): Promise<RecalledJob | undefined> {
  const recalled = await jobs.recall(jobId);
  return !recalled || recalled.isFresh || isEnough(recalled) ? recalled : readJob(jobs, jobId);
}

export async function readJob(jobs: JobStore, jobId: string): Promise<RecalledJob | undefined> {
  const [job, progress] = await Promise.all([jobs.read(jobId), jobs.readProgress(jobId)]);
  return job && { job, progress, isFresh: true };
}
