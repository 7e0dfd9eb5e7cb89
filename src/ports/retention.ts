import type { ErrorInfo } from "../domain/app-error.ts";
import type { JobRecord } from "./records.ts";
import type { DeliveryRound, JobSlots } from "./jobs.ts";

/** How far a sweep over all that is stored has come: after a job, and from a page of blobs on. */
export interface ScanPosition {
  after: string;
  page?: string;
}

/** A job that something is left to do for. */
export interface PendingJob {
  job: JobRecord;
  /** When its deletion began. */
  deletedAt?: string;
}

/** What is recorded, as the one who tidies it sees it: across callers, and read in pages. */
export interface JobRetentionStore {
  /** Jobs that have ended and were created before the given time, in no order that matters. */
  ended(createdBefore: Date): AsyncIterable<JobRecord[]>;
  /**
   * Marks a job's own row: from now on the job is gone to all but those who delete it. A job that isn't there is no fault.
   */
  markDeleted(jobId: string, at: Date): Promise<void>;
  /** The record of a job whose deletion has begun and isn't over. */
  readDeleted(jobId: string): Promise<JobRecord | undefined>;
  /**
   * Jobs that have not ended, whose end is still to be told, or whose deletion isn't over, in no order that matters. Reads
   * these alone, whatever the number of others. Those that `rests` are passed over, unread.
   */
  listPending(now: Date, rests?: (jobId: string) => boolean): AsyncIterable<PendingJob>;
  /** Slots of the jobs after the given id, in the order of ids. */
  slotsByJob(after: string): AsyncIterable<JobSlots>;
  /** Fails a slot whose image is gone; the one change that an end can see. */
  expireSlot(jobId: string, index: number, failure: ErrorInfo): Promise<void>;
  /** The deliveries of a job, each with its last round. */
  deliveries(jobId: string): Promise<DeliveryRound[]>;
  /** Removes all rows of a job, its own last. A job that isn't there is no fault. */
  remove(jobId: string): Promise<void>;
  readPlace(): Promise<ScanPosition | undefined>;
  keepPlace(place: ScanPosition | undefined): Promise<void>;
}

export interface ListedBlob {
  name: string;
  modifiedAt: Date;
  bytes: number;
}

/** One container, as the one who tidies it sees it. */
export interface BlobContainerCleaner {
  /** All blobs in the order of names, in pages; `from` is a `next` that an earlier page gave. */
  pages(from?: string): AsyncIterable<{ blobs: ListedBlob[]; next?: string }>;
  has(name: string): Promise<boolean>;
  /** A blob that isn't there is no fault. Throws when one could not be removed, once the others are. */
  remove(names: readonly string[]): Promise<void>;
  removeAll(prefix: string): Promise<void>;
}
