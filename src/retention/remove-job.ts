import { imageBlobPrefix, inputBlobPrefix } from "../domain/blob-name.ts";
import { tagOfId } from "../domain/job-id.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobRunner, JobStore } from "../ports/jobs.ts";
import type { BlobContainerCleaner, JobRetentionStore } from "../ports/retention.ts";
import type { JobRecord } from "../ports/records.ts";

export interface RemoveJobDeps {
  clock: Clock;
  jobs: JobStore;
  rows: JobRetentionStore;
  shelves: { images: BlobContainerCleaner; uploads: BlobContainerCleaner };
  /** Counts what an ended job spent, unless that was done at its end. */
  closeAccount: (job: JobRecord) => Promise<void>;
}

/**
 * Removes an ended job and all that was stored for it. Its own row is marked first: from then on the job is gone to all who
 * read it, and who writes for it after the mark removes what they wrote. It goes last: while it stands, whatever interrupted
 * the removal, it can be asked for again and finds what is left. So it stays while an orchestration of the job doesn't end.
 */
export async function removeJob(
  deps: RemoveJobDeps,
  runner: Pick<JobRunner, "purge">,
  job: JobRecord,
): Promise<void> {
  const { images, uploads } = deps.shelves;
  await deps.closeAccount(job);
  await deps.rows.markDeleted(job.id, deps.clock.now());
  await images.removeAll(imageBlobPrefix(job.id));
  await uploads.removeAll(inputBlobPrefix(job.id));
  await uploads.remove(await ownUploads(deps, job));
  if (await runner.purge(job, await deps.rows.deliveries(job.id))) await deps.rows.remove(job.id);
}

/** Blobs of `uploads` that a job's record names. */
export function uploadsOf({ inputs, awaits }: JobRecord): string[] {
  const awaited = [...(awaits?.images ?? []), ...(awaits?.mask ? [awaits.mask] : [])];
  return [
    ...[...(inputs?.images ?? []), ...(inputs?.mask ? [inputs.mask] : [])].map(({ blob }) => blob),
    ...awaited.filter(({ container }) => container === "uploads").map(({ blob }) => blob),
  ];
}

/** Uploads by ticket may serve several jobs. One that an open job still needs is left, and goes when its day is over. */
async function ownUploads({ jobs }: RemoveJobDeps, job: JobRecord): Promise<string[]> {
  const named = uploadsOf(job).filter((blob) => tagOfId("upload", blob) !== undefined);
  const callerTag = tagOfId("job", job.id);
  if (named.length === 0 || callerTag === undefined) return [];
  const needed = new Set<string>();
  for (const status of ["queued", "running"] as const) {
    let after: string | undefined;
    do {
      const query = withoutAbsent({ caller: job.caller, callerTag, status, limit: 100, after });
      const page = await jobs.list(query);
      for (const [open] of page.jobs) for (const blob of uploadsOf(open)) needed.add(blob);
      after = page.next;
    } while (after !== undefined);
  }
  return named.filter((blob) => !needed.has(blob));
}
