import { resultBlobName } from "../domain/blob-name.ts";
import { isTerminal } from "../domain/image-job.ts";
import { storedImages, viewImage, viewJob } from "../job-view.ts";
import type { EditResultStore, JobStore } from "../ports.ts";

/**
 * Writes the end of a job that came by the inbox to `edit-results`. The file stays, so it holds no links, which die: each
 * image names its blob instead.
 */
export const publishResultWith =
  ({ jobs, results }: { jobs: JobStore; results: EditResultStore }) =>
  async ({ jobId }: { jobId: string }): Promise<{ published: boolean }> => {
    const [job, progress] = await Promise.all([jobs.read(jobId), jobs.readProgress(jobId)]);
    if (!job?.inbox || !isTerminal(job.status)) return { published: false };
    const images = storedImages(progress).map((image) => ({
      ...viewImage(jobId, image),
      blob: `images/${image.blob}`,
    }));
    const { blob, modifiedAt } = job.inbox;
    const result = { ...viewJob(job, progress), images, source: `edit-inbox/${blob}` };
    await results.publish(resultBlobName(blob), new Date(modifiedAt), result);
    return { published: true };
  };
