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
const maxPauseMs = 250;

/**
 * Waits for a job's end; undefined when it didn't come. Watched is the record rather than the orchestration: it is what every
 * other reader sees. An end that this instance writes wakes the wait at once; one from elsewhere is found by asking.
 */
export async function untilEnded(
  { jobs, clock }: { jobs: JobStore; clock: Clock },
  jobId: string,
  { seconds, stopped, onFailure }: Wait,
): Promise<[JobRecord, JobProgress] | undefined> {
  const bell = jobBell(jobs, jobId, (change) => change === "end");
  const leftMs = () => until - clock.now().getTime();
  const until = clock.now().getTime() + seconds * 1000;
  try {
    for (let pauseMs = 100; leftMs() > 0; pauseMs = Math.min(maxPauseMs, pauseMs * 1.5)) {
      await bell.ring(Math.min(pauseMs, leftMs()), stopped);
      if (stopped?.aborted === true) return undefined;
      try {
        const job = await jobs.read(jobId);
        if (!job || !isTerminal(job.status)) continue;
        const progress = await jobs.readProgress(jobId);
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
