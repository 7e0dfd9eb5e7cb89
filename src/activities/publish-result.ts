import { resultBlobName } from "../domain/blob-name.ts";
import { isTerminal } from "../domain/image-job.ts";
import { toStoredResult } from "../jobs/job-view.ts";
import type { ResultStore } from "../ports/inputs.ts";
import type { JobStore } from "../ports/jobs.ts";

/**
 * Writes the end of a job that came by the inbox to `edit-results`.
 */
export const publishResultWith =
  ({
    jobs,
    results,
    publicOrigin,
  }: {
    jobs: JobStore;
    results: ResultStore;
    publicOrigin?: string | undefined;
  }) =>
  async ({ jobId }: { jobId: string }): Promise<{ published: boolean }> => {
    const [job, progress] = await Promise.all([jobs.read(jobId), jobs.readProgress(jobId)]);
    if (!job?.inbox || !isTerminal(job.status)) return { published: false };
    const { blob } = job.inbox;
    const result = { ...toStoredResult(job, progress, publicOrigin), source: `edit-inbox/${blob}` };
    await results.publish(resultBlobName(blob), versionOf(job.inbox, job.createdAt), result);
    return { published: true };
  };

/**
 * When a file took the form that a job was made of. Storage tells the second only; of two versions in one second the older
 * was accepted within it, or it could not have been found any more.
 */
function versionOf({ modifiedAt }: { modifiedAt: string }, acceptedAt: string): Date {
  const second = Date.parse(modifiedAt);
  const into = Date.parse(acceptedAt) - second;
  return new Date(second + Math.min(Math.max(into, 0), 999));
}
