import { Fault } from "../domain/fault.ts";
import { tagOfId } from "../domain/job-id.ts";
import type { JobIds, JobStore } from "../ports.ts";
import type { JobProgress, JobRecord } from "../records.ts";

export interface JobFinder {
  jobs: JobStore;
  ids: JobIds;
}

/** The caller's own job. Another caller's is as unknown as one that never was: whether an id exists is nobody's business. */
export async function findJobOf(
  finder: JobFinder,
  caller: string,
  jobId: string,
): Promise<[JobRecord, JobProgress]> {
  if (tagOfId("job", jobId) !== finder.ids.tagOf(caller)) throw noSuchJob();
  const [job, progress] = await findJob(finder.jobs, jobId);
  if (job.caller !== caller) throw noSuchJob();
  return [job, progress];
}

/** A job by its id alone, for whoever holds a signed address. */
export async function findJob(jobs: JobStore, jobId: string): Promise<[JobRecord, JobProgress]> {
  if (tagOfId("job", jobId) === undefined) throw noSuchJob();
  // The row first: slots are always written before the status, so an ended job is never shown without its last image.
  const job = await jobs.read(jobId);
  if (!job) throw noSuchJob();
  return [job, await jobs.readProgress(jobId)];
}

function noSuchJob(): Fault {
  return new Fault("notFound", "There is no such job.");
}
