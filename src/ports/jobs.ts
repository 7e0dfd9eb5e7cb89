import type { IdempotencyKey, IdempotencyRecord } from "../domain/idempotency.ts";
import type { JobStatus } from "../domain/image-job.ts";
import type { JobEvent, NumberedEvent } from "../domain/job-event.ts";
import type { Finished } from "../domain/trigger-state.ts";
import type { JobFilters } from "../domain/list-cursor.ts";
import type { UsedJob } from "../domain/usage.ts";
import type { CallRecord, DeliveryRecord, JobEnd, JobProgress, JobRecord, SlotRecord } from "./records.ts";

export interface JobStore {
  /** Throws `conflict` when the id is taken. */
  create(job: JobRecord): Promise<void>;
  read(jobId: string): Promise<JobRecord | undefined>;
  readProgress(jobId: string): Promise<JobProgress>;
  /**
   * The job with its slots and calls: as this process last saw them, if it has seen them since the job began, and else as they
   * are read. What is concluded from an answer that isn't fresh must be confirmed by a write, which fails where it is out
   * of date. Undefined when there is no such job.
   */
  recall(jobId: string): Promise<RecalledJob | undefined>;
  /** Marks the job as running. Undefined when it has ended or was deleted: there is nothing left to do for it. */
  begin(jobId: string, startedAt: string): Promise<JobRecord | undefined>;
  /** Merges facts into a job that has not ended; returns the record as it then stands. */
  amend(jobId: string, facts: Partial<JobRecord>): Promise<JobRecord>;
  /** Jobs that have not ended, created before the given time, in no order that matters. */
  listOpen(createdBefore: Date): AsyncIterable<JobRecord>;
  /** Jobs of one caller that succeeded after the given time, in no order that matters. */
  listSucceeded(query: SucceededQuery): AsyncIterable<Finished>;
  /** Jobs of one caller, newest first. Throws `invalidRequest` when the place is not known any more. */
  list(query: JobListQuery): Promise<JobPage>;
  /**
   * Notes that an attempt of a call is about to be sent, before it is; and to which deployment, if not to its job's. `seen` is the call's record that this was decided on: when
   * another stands by now, nothing is noted. Repeated under the same id it changes nothing.
   */
  beginAttempt(
    jobId: string,
    call: number,
    attempt: string,
    seen: CallRecord | undefined,
    deployment?: string,
  ): Promise<BegunAttempt>;
  /**
   * Changes a call's record and writes what became of its slots with their events, in one transaction. `change` must give
   * the same when it is applied to its own result: a write whose answer was lost is repeated. The first outcome wins: when
   * another delivery has settled the call, its attempts alone are brought up to date; a slot that has an end keeps it. Once
   * the job has ended the record alone is written; once it was deleted nothing is, and the record is what it would have been.
   */
  settleCall(
    jobId: string,
    call: number,
    change: (record: CallRecord) => CallRecord,
    slots: readonly SlotRecord[],
  ): Promise<SettledCall>;
  /** Records ends, with their events, of those slots that have none yet, unless the job has ended or is gone. */
  settleSlots(jobId: string, slots: readonly SlotRecord[]): Promise<void>;
  /**
   * Appends an event that isn't there yet. False when the job, or the slot it tells of, has ended, or the job was deleted:
   * it comes too late.
   */
  append(jobId: string, event: JobEvent): Promise<boolean>;
  /**
   * Ends the job, once: `conclude` is given what its slots and calls say, as they are read, and answers how it ends and why slots
   * without an end have none. A job that has ended stays as it ended. Undefined when there is no such job.
   */
  end(jobId: string, conclude: Conclude): Promise<EndedJob | undefined>;
  /** Whether a job that had begun has ended, or was deleted. Cheap: one row. */
  hasEnded(jobId: string): Promise<boolean>;
  /**
   * Whether the job was deleted, or is being deleted. Asked by the one who has just written something for a job: what was written
   * before the deletion's mark is found by the deletion, and what was written after it is removed by its writer.
   */
  isDeleted(jobId: string): Promise<boolean>;
  /** Removes rows that a cut-off write left behind a job's deletion. False, and nothing removed, while the job stands. */
  clearIfDeleted(jobId: string): Promise<boolean>;
  /** Events with a higher number than `after`, in order; without the first, which is the job's own record. */
  readEvents(jobId: string, after: number): Promise<NumberedEvent[]>;
  /** Marks the job's end as to be told, or as told; a job that was deleted needs no telling. */
  markNotification(jobId: string, state: "pending" | "sent"): Promise<void>;
  /** Marks images whose thumbnails stand; false when the job was deleted, and they must go. */
  markThumbnails(jobId: string, indexes: readonly number[]): Promise<boolean>;
  /**
   * Calls back after each write of this process that others may wait for, once it stands, and returns how to stop that. What
   * other processes write is found by asking.
   */
  listen(jobId: string, listener: (change: JobChange) => void): () => void;
  /** Throws when the tables can't be reached. */
  ping(): Promise<void>;
}

/** An `end` is the last event, and the record as well. */
export type JobChange = "event" | "end";

/** Names under which jobs were asked for, so that a request that comes again finds the first one's job. */
export interface IdempotencyStore {
  /**
   * Records a job and its idempotency record, both or neither. Returns undefined once they stand; or, with nothing written, the idempotency record
   * that stands already and doesn't give way, or that the key joins.
   */
  record(job: JobRecord, idempotencyKey: IdempotencyKey): Promise<IdempotencyRecord | undefined>;
  /** The claim that stands under the same name, however old. */
  find(idempotencyKey: IdempotencyKey): Promise<IdempotencyRecord | undefined>;
  /** True for one of those who ask at a time: the one who is to start the recorded job, if nothing runs for it. */
  resume(idempotencyKey: IdempotencyKey, now: Date): Promise<boolean>;
  /** Removes idempotency records from before the given time; those of batches' lines only from before the other one. */
  removeExpired(recordedBefore: Date, linesBefore: Date): Promise<void>;
}

export interface JobListQuery extends JobFilters {
  caller: string;
  callerTag: string;
  limit: number;
  /** `next` of the page before, under the same filters. */
  after?: string;
}

export interface SucceededQuery extends Omit<JobFilters, "status"> {
  caller: string;
  callerTag: string;
  /** Jobs that were accepted before are not looked at. */
  createdAfter: Date;
  finishedAfter: string;
}

export interface JobPage {
  /** At most `limit`. With filters that little fits they may be fewer, or none, although more follow. */
  jobs: [JobRecord, JobProgress][];
  /** ASCII; absent when nothing follows. */
  next?: string;
}

/** The slots of one job, and when the last of them was written. */
export interface JobSlots {
  jobId: string;
  slots: SlotRecord[];
  writtenAt: Date;
}

export type Conclude = (progress: JobProgress, job: JobRecord) => Conclusion | Promise<Conclusion>;

export interface RecalledJob {
  job: JobRecord;
  progress: JobProgress;
  /** Whether it was read just now. */
  isFresh: boolean;
}

/** `changed`: another record stands than the one that was seen. `over`: the job has ended or was deleted, and nothing may be sent. */
export type BegunAttempt = { kind: "begun"; record: CallRecord } | { kind: "changed" } | { kind: "over" };

export interface SettledCall {
  record: CallRecord;
  /** The job had ended or was deleted: of its slots nothing was written. */
  isOver: boolean;
}

export interface EndedJob {
  job: JobRecord;
  slots: readonly SlotRecord[];
}

export interface Conclusion {
  end: JobEnd;
  /** Ends of slots that had none; those that had one keep it. */
  slots: SlotRecord[];
}

/** `failed` came to its end by an error of its own, `ended` in any other way. */
export type RunState = "active" | "failed" | "ended";

/** The last round of a delivery. */
export type DeliveryRound = Pick<DeliveryRecord, "jobId" | "round" | "target">;

/** Starts and looks after orchestrations. Made anew for each invocation: the durable client is bound to it. */
export interface JobRunner {
  start(job: JobRecord): Promise<void>;
  /** Undefined when nothing runs or ran under that id. */
  state(jobId: string): Promise<RunState | undefined>;
  /** Ends what runs under that id, if anything does. */
  stop(jobId: string): Promise<void>;
  /**
   * Removes all that the task hub keeps of a job and of its deliveries, over all their rounds. What still runs is ended first;
   * false when that takes too long, and it is to be asked for again. What isn't there is no fault.
   */
  purge(job: JobRecord, deliveries: readonly DeliveryRound[]): Promise<boolean>;
  /** Removes what has ended and was begun before the given time, whatever it was for. Tells how many there were. */
  purgeEnded(begunBefore: Date): Promise<number>;
}

export interface BlobVersion {
  etag: string;
  modifiedAt: Date;
}

export interface JobIds {
  next(caller: string): string;
  nextUpload(caller: string): string;
  nextBatch(caller: string): string;
  /** The same id for the same version of the same blob, however often its arrival is told. */
  ofBlob(caller: string, blob: string, version: BlobVersion): string;
  /** The same for a blob that is a batch. */
  batchOfBlob(caller: string, blob: string, version: BlobVersion): string;
  /** The part of a job's id that tells whose it is. */
  tagOf(caller: string): string;
}

/** Jobs of all callers, for operators. */
export interface AllJobs {
  /** At most `limit`, caller by caller, each one's newest first; fewer where some were deleted. */
  list(query: {
    status?: JobStatus | undefined;
    limit: number;
    after?: string | undefined;
  }): Promise<{ jobs: JobRecord[]; next?: string | undefined }>;
}

/** What jobs have used, for those who pay. */
export interface JobUsage {
  /** Jobs that came from `from` on and before `to`, of one caller or of all, in no order that matters; without deleted ones. */
  list(query: {
    from: Date;
    to: Date;
    of: { caller: string; callerTag: string } | undefined;
  }): AsyncIterable<UsedJob>;
}
