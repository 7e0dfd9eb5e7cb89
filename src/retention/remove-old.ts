import { inputBlobPrefix } from "../domain/blob-name.ts";
import { widestLimits } from "../edits/receive-input.ts";
import type { JobRunner, JobStore } from "../ports/jobs.ts";
import type { BlobContainerCleaner } from "../ports/retention.ts";
import type { JobRecord } from "../ports/records.ts";
import { removeJob, type RemoveJobDeps, uploadsOf } from "./remove-job.ts";

/** One round of tidying, as far as time allows. */
export interface Round {
  now: Date;
  isOver: () => boolean;
  /** Told of what could not be tidied now; the next round tries again. */
  failed: (what: string, error: unknown) => void;
}

/** Removes jobs that ended before the given time. One that can't be removed now doesn't keep the others. */
export async function removeOldJobs(
  deps: RemoveJobDeps,
  runner: Pick<JobRunner, "purge">,
  endedBefore: Date,
  round: Round,
): Promise<number> {
  let removed = 0;
  // None ended before it was created.
  for await (const page of deps.rows.ended(endedBefore)) {
    for (const job of page.filter((candidate) => endOf(candidate) < endedBefore)) {
      if (round.isOver()) return removed;
      try {
        await removeJob(deps, runner, job);
        removed += 1;
      } catch (error) {
        round.failed(`job ${job.id}`, error);
      }
    }
  }
  return removed;
}

/** Removes uploads that were written before the given time, or are too large for any model, but for those of open jobs. */
export async function removeOldUploads(
  { jobs, shelves: { uploads } }: Pick<RemoveJobDeps, "jobs" | "shelves">,
  writtenBefore: Date,
  round: Round,
): Promise<number> {
  const needed = await inputsOfOpenJobs(jobs, round.now);
  return removeOldBlobs(uploads, writtenBefore, round, needed, widestLimits.maximumBytes);
}

/** Removes blobs that were written before the given time, page by page. One that can't be removed doesn't keep the others. */
export async function removeOldBlobs(
  cleaner: BlobContainerCleaner,
  writtenBefore: Date,
  round: Round,
  isNeeded: (name: string) => boolean = () => false,
  maxBytes = Infinity,
): Promise<number> {
  let removed = 0;
  for await (const { blobs } of cleaner.pages()) {
    if (round.isOver()) return removed;
    const old = blobs.filter(
      ({ name, modifiedAt, bytes }) => (modifiedAt < writtenBefore || bytes > maxBytes) && !isNeeded(name),
    );
    try {
      await cleaner.remove(old.map(({ name }) => name));
      removed += old.length;
    } catch (error) {
      round.failed("a page of blobs", error);
    }
  }
  return removed;
}

async function inputsOfOpenJobs(jobs: JobStore, now: Date): Promise<(name: string) => boolean> {
  const names = new Set<string>();
  const prefixes = new Set<string>();
  for await (const job of jobs.listOpen(now)) {
    prefixes.add(inputBlobPrefix(job.id));
    for (const name of uploadsOf(job)) names.add(name);
  }
  return (name) => names.has(name) || prefixes.has(name.slice(0, name.indexOf("/") + 1));
}

function endOf({ finishedAt, createdAt }: JobRecord): Date {
  return new Date(finishedAt ?? createdAt);
}
