import { AppError } from "../domain/app-error.ts";
import { subjectOf } from "../domain/identity.ts";
import { tagOfId } from "../domain/job-id.ts";
import type { ResultSigner } from "../ports/callers.ts";
import type { JobIds, JobStore } from "../ports/jobs.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import type { EndpointCall } from "../http/endpoint.ts";

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
  const tag = tagOfId("job", jobId);
  if (tag !== finder.ids.tagOf(caller)) throw tag === undefined ? noSuchJob() : notTheirs(caller);
  const [job, progress] = await findJob(finder.jobs, jobId);
  if (job.caller !== caller) throw noSuchJob();
  return [job, progress];
}

/** A job by its id alone, for the one who holds a signed address. */
export async function findJob(jobs: JobStore, jobId: string): Promise<[JobRecord, JobProgress]> {
  if (tagOfId("job", jobId) === undefined) throw noSuchJob();
  // The row first: slots are always written before the status, so an ended job is never shown without its last image.
  const job = await jobs.read(jobId);
  if (!job) throw noSuchJob();
  const progress = await jobs.readProgress(jobId);
  return [withDecidedEnd(job, progress), progress];
}

/** The end is decided beside the slots; the row follows a moment later, and must not seem to be behind its events. */
export function withDecidedEnd(job: JobRecord, { end }: JobProgress): JobRecord {
  return end ? { ...job, ...end } : job;
}

export interface SignedReading extends JobFinder {
  signer: ResultSigner;
}

/** A genuine address opens its job to the one who holds it; without one, the job must be the caller's own. */
export async function findForReader(
  reading: SignedReading,
  { request, params, caller }: Pick<EndpointCall, "request" | "params" | "caller">,
): Promise<[JobRecord, JobProgress]> {
  const jobId = params["id"] ?? "";
  const given = {
    expires: request.query.get("expires") ?? "",
    signature: request.query.get("signature") ?? "",
  };
  if (reading.signer.verify(jobId, given)) return findJob(reading.jobs, jobId);
  if (caller !== "") return findJobOf(reading, caller, jobId);
  throw new AppError(
    "unauthorized",
    "This address is not genuine or has expired. Ask for the job with your key.",
  );
}

/** Decided by the id alone, so that it tells nothing of whether there is such a job. */
function notTheirs(caller: string): AppError {
  const subject = subjectOf(caller);
  if (subject === undefined) return noSuchJob();
  return new AppError("forbidden", `This token is for the jobs of its subject, ${subject}, alone.`);
}

function noSuchJob(): AppError {
  return new AppError("notFound", "There is no such job.");
}
