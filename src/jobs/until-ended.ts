import { isTerminal } from "../domain/image-job.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import { withDecidedEnd } from "./find-job.ts";
import { jobBell } from "./job-bell.ts";

interface Wait {
  seconds: number;
  stopped?: AbortSignal;
  /** Given what a look at the storage threw; the wait goes on unless this throws too. */
  onFailure: (error: unknown) => void;
}

// What an end that another instance wrote may be behind.
const pauseMs = 250;

/**
 * Waits for a job's end; undefined when it didn't come. Watched is the record rather than the orchestration: it is what every
 * other reader sees. An end that this instance writes wakes the wait at once, and is known without asking; one from elsewhere
 * is found by asking, and only once this instance has written nothing of the job for a while: an ended job isn't written of.
 */
export async function untilEnded(
  { jobs, clock }: { jobs: JobStore; clock: Clock },
  jobId: string,
  { seconds, stopped, onFailure }: Wait,
): Promise<[JobRecord, JobProgress] | undefined> {
  const bell = jobBell(jobs, jobId);
  const leftMs = () => until - clock.now().getTime();
  const until = clock.now().getTime() + seconds * 1000;
  try {
    while (leftMs() > 0) {
      const heard = await bell.ring(Math.min(pauseMs, leftMs()), stopped);
      if (stopped?.aborted === true) return undefined;
      const isEndedHere = heard.has("end");
      if (heard.size > 0 && !isEndedHere) continue;
      try {
        const known = isEndedHere ? await jobs.recall(jobId) : undefined;
        const job = known?.job ?? (await jobs.read(jobId));
        if (!job || !isTerminal(job.status)) continue;
        const progress = known?.progress ?? (await jobs.readProgress(jobId));
        return [withDecidedEnd(job, progress), progress];
      } catch (error) {
        onFailure(error);
      }
    }
    return undefined;
  } finally {
    bell.put();
  }
}
