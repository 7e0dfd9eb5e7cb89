import type { Usage } from "./contracts/http-api.ts";
import type { FaultFacts } from "./domain/fault.ts";
import type { JobStatus } from "./domain/image-job.ts";
import type { ImageRequest } from "./domain/image-request.ts";
import type { CallOutcome, Unavailable } from "./domain/upstream-outcome.ts";

/** The only doors from Darkroom to the world. Adapters implement them; `index.ts` joins the two. */

export interface Clock {
  now(): Date;
}

/** What is kept of a job. Times are ISO 8601 in UTC. */
export interface JobRecord {
  id: string;
  caller: string;
  kind: "generation";
  status: JobStatus;
  model: string;
  deployment: string;
  request: ImageRequest;
  tags?: string[];
  metadata?: Record<string, string>;
  createdAt: string;
  deadline: string;
  startedAt?: string;
  finishedAt?: string;
  fault?: FaultFacts;
  usage?: Usage;
  repeatedCalls?: number;
}

export interface StoredImage {
  index: number;
  blob: string;
  contentType: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  revisedPrompt?: string;
  hasThumbnails?: boolean;
}

export type SlotRecord =
  ({ state: "stored" } & StoredImage) | { state: "failed"; index: number; fault: FaultFacts };

/**
 * What is known of one upstream call. `unanswered` counts requests that were sent and whose end nobody saw: each may
 * have been billed. `operation` is the path of a submitted operation, below its deployment's endpoint.
 */
export interface CallRecord {
  call: number;
  unanswered: number;
  repeated: number;
  operation?: string;
  outcome?: CallOutcome;
  usage?: Usage;
}

export interface JobProgress {
  slots: SlotRecord[];
  calls: CallRecord[];
}

export interface JobStore {
  /** Throws `conflict` when the id is taken. */
  create(job: JobRecord): Promise<void>;
  read(jobId: string): Promise<JobRecord | undefined>;
  readProgress(jobId: string): Promise<JobProgress>;
  /** Moves the status forward and merges facts; returns the record as it then stands, unmoved if it may not move. */
  advance(jobId: string, to: JobStatus, facts: Partial<JobRecord>): Promise<JobRecord>;
  /** Jobs that have not ended, created before the given time, in no order that matters. */
  listOpen(createdBefore: Date): AsyncIterable<JobRecord>;
  /**
   * Notes that a call is about to be sent, before it is, and returns its record as it then stands. A call that has an
   * outcome is left as it is. One whose last send was never answered is counted as repeated.
   */
  openCall(jobId: string, call: number): Promise<CallRecord>;
  /**
   * Changes a call's record and writes what became of its slots, in one transaction. The first end stands: when another
   * delivery has settled the call, nothing is written, and a slot that has an end keeps it. Returns the record as it
   * then is.
   */
  closeCall(
    jobId: string,
    call: number,
    change: (record: CallRecord) => CallRecord,
    slots: readonly SlotRecord[],
  ): Promise<CallRecord>;
  /** Records failures for those of the slots that nothing is known of yet. */
  failSlots(jobId: string, slots: readonly number[], fault: FaultFacts): Promise<void>;
  markThumbnails(jobId: string, index: number): Promise<void>;
  /** Throws when the tables can't be reached. */
  ping(): Promise<void>;
}

export interface Link {
  url: string;
  expiresAt: Date;
}

export interface ImageStore {
  /** Writes once; false when a blob already stands there, which stays as it is. */
  put(name: string, bytes: Uint8Array, facts: BlobFacts): Promise<boolean>;
  read(name: string): Promise<Uint8Array>;
  /** Images of the job that are stored, whether or not they were recorded. */
  list(jobId: string): Promise<StoredImage[]>;
  /** A read-only link to one blob, minted anew at each call. */
  link(name: string): Promise<Link>;
  ping(): Promise<void>;
}

export interface BlobFacts {
  contentType: string;
  /** Present on images, so that a stored image can be told from its blob alone. */
  image?: Omit<StoredImage, "blob" | "contentType">;
}

/** One image of a reply: its bytes, or why there are none. One that is `unfetched` waits behind its link for another try. */
export type ReplyItem =
  | { kind: "image"; bytes: Uint8Array; revisedPrompt?: string }
  | { kind: "lost"; fault: FaultFacts }
  | { kind: "unfetched"; error: Error };

/**
 * What the service said. `throttled`, `rejected` and `accountBlocked` are known not to bill. Whatever else a retry may
 * cure is thrown, as an UpstreamFault.
 */
export type UpstreamReply =
  | { kind: "images"; items: ReplyItem[]; usage?: Usage }
  | { kind: "refused"; fault: FaultFacts }
  | { kind: "throttled"; retryAfterMs: number }
  | Unavailable
  | { kind: "rejected"; fault: FaultFacts }
  | { kind: "accountBlocked"; fault: FaultFacts };

export type SubmitReply =
  { kind: "submitted"; operation: string; retryAfterMs: number } | Exclude<UpstreamReply, { kind: "images" }>;
export type PollReply = { kind: "pending"; retryAfterMs: number } | UpstreamReply;

/** The image service behind one deployment. Every method makes exactly one request: retries live in the orchestration. */
export interface ImageModel {
  render(request: ImageRequest, images: number, signal: AbortSignal): Promise<UpstreamReply>;
  submit(
    request: ImageRequest,
    images: number,
    operationId: string,
    signal: AbortSignal,
  ): Promise<SubmitReply>;
  /** `wanted` says which positions to download; the others are left alone. */
  poll(
    request: ImageRequest,
    operation: string,
    wanted: readonly number[],
    signal: AbortSignal,
  ): Promise<PollReply>;
}

export interface ImageModels {
  /** Throws when no such deployment is configured any more. */
  at(deployment: string): ImageModel;
}

export interface ThumbnailMaker {
  /** A webp of at most `side` pixels on its longer side, never larger than the image; undefined when it can't be decoded. */
  make(bytes: Uint8Array, side: number): Promise<Uint8Array | undefined>;
}

/** Starts and looks after orchestrations. Made anew for each invocation: the durable client is bound to it. */
export interface JobRunner {
  start(job: JobRecord): Promise<void>;
  /** Undefined when nothing runs or ran under that id. */
  state(jobId: string): Promise<"active" | "ended" | undefined>;
  /** Ends what runs under that id, if anything does. */
  stop(jobId: string): Promise<void>;
}

/** Decides who is calling. Undefined means nobody we know. */
export interface Door {
  identify(headers: { get(name: string): string | null }): string | undefined;
}

/** Signs addresses of results: one job, read-only, expiring. */
export interface ResultSigner {
  sign(jobId: string): { expires: string; signature: string };
  verify(jobId: string, given: { expires: string; signature: string }): boolean;
}

export interface JobIds {
  next(caller: string): string;
  /** The part of a job's id that tells whose it is. */
  tagOf(caller: string): string;
}
