import type { Service } from "./service.ts";
import type { SharedPool } from "./shared-pool.ts";
import type { SimJob, Workload } from "./workload.ts";

export interface JobResult {
  job: SimJob;
  admitted: boolean;
  /** Estimates at its arrival. */
  estimate?: { startsAt: number; endsAt: number };
  startedAt?: number;
  endedAt?: number;
}

export interface CallResult {
  job: SimJob;
  askedAt: number;
  sentAt: number;
  deployment: string;
}

export interface RunResult {
  workload: Workload;
  jobs: JobResult[];
  /** Calls that brought images, in the order in which they were sent. */
  calls: CallResult[];
  throttledAt: number[];
  pools: SharedPool[];
  services: Map<string, Service>;
  /** Attempts that were sent more than once, and calls in doubt that were sent elsewhere: both must be none. */
  usedTwice: number;
  movedInDoubt: number;
  /** Calls whose answer a kill took away. */
  inDoubt: number;
  asks: number;
  /** Storage requests of asks that ended in a wait. */
  requestsToWait: number;
  endedAt: number;
}
