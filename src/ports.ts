import type { Dimensions } from "./domain/image-size.ts";
import type { Claim, StandingClaim } from "./domain/claim.ts";
import type { FaultFacts } from "./domain/fault.ts";
import type { DeliveryTarget, HookKey } from "./domain/hook.ts";
import type { JobStatus } from "./domain/image-job.ts";
import type { JobEvent, NumberedEvent } from "./domain/job-event.ts";
import type { Finished } from "./domain/trigger-state.ts";
import type { JobFilters, Seal } from "./domain/list-cursor.ts";
import type { ImageKind } from "./domain/media-type.ts";
import type { ImageRequest } from "./domain/image-request.ts";
import type { Unavailable } from "./domain/upstream-outcome.ts";
import type { WebhookReply } from "./domain/webhook.ts";
import type {
  Callback,
  CallRecord,
  DeliveryAttempt,
  DeliveryRecord,
  EditInputs,
  HookRecord,
  JobEnd,
  JobProgress,
  JobRecord,
  SlotRecord,
  StoredImage,
} from "./records.ts";

/** The only doors from Darkroom to the world. Adapters implement them; `index.ts` joins the two. */

export interface Clock {
  now(): Date;
}

export interface JobStore {
  /** Throws `conflict` when the id is taken. */
  create(job: JobRecord): Promise<void>;
  read(jobId: string): Promise<JobRecord | undefined>;
  readProgress(jobId: string): Promise<JobProgress>;
  /** Moves the status forward and merges facts; returns the record as it then stands, unmoved if it may not move. */
  advance(jobId: string, to: JobStatus, facts: Partial<JobRecord>): Promise<JobRecord>;
  /** Merges facts into a job that has not ended; returns the record as it then stands. */
  amend(jobId: string, facts: Partial<JobRecord>): Promise<JobRecord>;
  /** Jobs that have not ended, created before the given time, in no order that matters. */
  listOpen(createdBefore: Date): AsyncIterable<JobRecord>;
  /** Jobs of one caller that succeeded after the given time, in no order that matters. */
  listSucceeded(query: SucceededQuery): AsyncIterable<Finished>;
  /** Jobs of one caller, newest first. Throws `invalidRequest` when the place is not known any more. */
  list(query: JobListQuery): Promise<JobPage>;
  /**
   * Notes that a call is about to be sent, before it is, and returns its record as it then stands. A call that has an
   * outcome is left as it is. One whose last send was never answered is counted as repeated. Undefined once the job has
   * ended or was deleted: then nothing may be sent.
   */
  openCall(jobId: string, call: number): Promise<CallRecord | undefined>;
  /**
   * Changes a call's record and writes what became of its slots with their events, in one transaction. The first end
   * stands: when another delivery has settled the call, nothing is written; a slot that has an end keeps it; and once the
   * job has ended, no slot gets one. Of a job that was deleted nothing is written. Returns the record as it then is.
   */
  closeCall(
    jobId: string,
    call: number,
    change: (record: CallRecord) => CallRecord,
    slots: readonly SlotRecord[],
  ): Promise<CallRecord>;
  /** Records failures, with their events, for those of the slots that nothing is known of yet, unless the job has ended or is gone. */
  failSlots(jobId: string, slots: readonly number[], fault: FaultFacts): Promise<void>;
  /**
   * Appends an event that isn't there yet. False when the job, or the slot it tells of, has ended, or the job was deleted:
   * it comes too late.
   */
  append(jobId: string, event: JobEvent): Promise<boolean>;
  /**
   * Ends the job, once: `conclude` is given what its slots and calls say, and answers how it ends and why slots without
   * an end have none. A job that has ended stays as it ended. Returns the record as it then stands.
   */
  end(jobId: string, conclude: Conclude): Promise<JobRecord>;
  /** Whether the job has ended, or was deleted. Cheap: two rows. */
  hasEnded(jobId: string): Promise<boolean>;
  /** Events with a higher number than `after`, in order; without the first, which is the job's own record. */
  readEvents(jobId: string, after: number): Promise<NumberedEvent[]>;
  markThumbnails(jobId: string, index: number): Promise<void>;
  /** Throws when the tables can't be reached. */
  ping(): Promise<void>;
}

/** Names under which jobs were asked for, so that a request that comes again finds the first one's job. */
export interface ClaimStore {
  /**
   * Records a job and its claim, both or neither. Returns undefined once they stand; or, with nothing written, the claim
   * that stands already and doesn't give way.
   */
  record(job: JobRecord, claim: Claim): Promise<StandingClaim | undefined>;
  /** The claim that stands under the same name, however old. */
  find(claim: Claim): Promise<StandingClaim | undefined>;
  /** True for one of those who ask at a time: the one who is to start the claimed job, if nothing runs for it. */
  resume(claim: Claim, now: Date): Promise<boolean>;
  /** Removes claims from before the given time. */
  sweep(claimedBefore: Date): Promise<void>;
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

/** How far a sweep over all that is stored has come: after a job, and from a page of blobs on. */
export interface SweepPlace {
  after: string;
  page?: string;
}

/** What is recorded, as whoever tidies it sees it: across callers, and read in pages. */
export interface JobUpkeep {
  /** Jobs that have ended and were created before the given time, in no order that matters. */
  ended(createdBefore: Date): AsyncIterable<JobRecord[]>;
  /** Slots of the jobs after the given id, in the order of ids. */
  slotsByJob(after: string): AsyncIterable<JobSlots>;
  /** Fails a slot whose image is gone; the one change that an end can see. */
  expireSlot(jobId: string, index: number, fault: FaultFacts): Promise<void>;
  /** Removes all rows of a job, its own last. A job that isn't there is no fault. */
  remove(jobId: string): Promise<void>;
  readPlace(): Promise<SweepPlace | undefined>;
  keepPlace(place: SweepPlace | undefined): Promise<void>;
}

export interface ListedBlob {
  name: string;
  modifiedAt: Date;
}

/** One container, as whoever tidies it sees it. */
export interface BlobShelf {
  /** All blobs in the order of names, in pages; `from` is a `next` that an earlier page gave. */
  pages(from?: string): AsyncIterable<{ blobs: ListedBlob[]; next?: string }>;
  has(name: string): Promise<boolean>;
  /** A blob that isn't there is no fault. Throws when one could not be removed, once the others are. */
  remove(names: readonly string[]): Promise<void>;
  removeAll(prefix: string): Promise<void>;
}

export type Conclude = (progress: JobProgress) => Conclusion;

export interface Conclusion {
  end: JobEnd;
  /** Ends of slots that had none; those that had one keep it. */
  slots: SlotRecord[];
}

export interface Link {
  url: string;
  expiresAt: Date;
}

export interface ImageStore {
  /** Writes once; false when a blob already stands there, which stays as it is. */
  put(name: string, bytes: Uint8Array, facts: BlobFacts): Promise<boolean>;
  /** All its bytes, or those of one part. Throws `expired` when there is no such blob any more. */
  read(name: string, part?: BytePart): Promise<Uint8Array>;
  /** Removes a blob; one that isn't there is no fault. */
  remove(name: string): Promise<void>;
  /** Images of the job that are stored, whether or not they were recorded. */
  list(jobId: string): Promise<StoredImage[]>;
  /** A read-only link to one blob, minted anew at each call; good for the given time, as far as a link can be, or the usual one. */
  link(name: string, hours?: number): Promise<Link>;
  ping(): Promise<void>;
}

/** From the first byte that is meant to the last one. */
export interface BytePart {
  first: number;
  last: number;
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
  | { kind: "images"; items: ReplyItem[]; usage?: CallRecord["usage"] }
  | { kind: "refused"; fault: FaultFacts }
  | { kind: "throttled"; retryAfterMs: number }
  | Unavailable
  | { kind: "rejected"; fault: FaultFacts }
  | { kind: "accountBlocked"; fault: FaultFacts };

export type SubmitReply =
  { kind: "submitted"; operation: string; retryAfterMs: number } | Exclude<UpstreamReply, { kind: "images" }>;
export type PollReply = { kind: "pending"; retryAfterMs: number } | UpstreamReply;
/** `gone` also when nobody knows the operation any more; `pending` while it still runs, or the service can't be asked. */
export type DiscardReply = { kind: "gone" } | { kind: "pending"; retryAfterMs: number };

/** Input images and mask, ready to be sent. Each is read from disk while it travels, never held whole. */
export interface EditFiles {
  images: File[];
  mask?: File;
}

/** A coarser picture of an image that is still being made. */
export interface PartialImage {
  /** Place of the image within its call. */
  position: number;
  /** 0 for the coarsest. */
  step: number;
  bytes: Uint8Array;
}

/** Told of each partial image as it arrives; the next one is read once this is done. What it throws ends the call. */
export type OnPartial = (partial: PartialImage) => Promise<void>;

/** The image service behind one deployment. Every method makes exactly one request: retries live in the orchestration. */
export interface ImageModel {
  /** Asks for a stream when the request does; `onPartial` then hears of what comes before the images. */
  render(
    request: ImageRequest,
    images: number,
    signal: AbortSignal,
    onPartial?: OnPartial,
  ): Promise<UpstreamReply>;
  edit(
    request: ImageRequest,
    files: EditFiles,
    images: number,
    signal: AbortSignal,
    onPartial?: OnPartial,
  ): Promise<UpstreamReply>;
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
  /** Removes an operation at the service, which it allows only once the operation has come to an end there. */
  discard(operation: string, signal: AbortSignal): Promise<DiscardReply>;
}

export interface ImageModels {
  /** Throws when no such deployment is configured any more. */
  at(deployment: string): ImageModel;
}

/** A blob that somebody else wrote: an upload, or a file in the watched inbox. */
export interface UploadSource {
  container: "uploads" | "edit-inbox";
  blob: string;
  /** This version and no other. */
  etag?: string;
}

export interface UploadFacts {
  etag: string;
  modifiedAt: Date;
  bytes: number;
  /** Names in lower case, values as they were sent. */
  metadata: Record<string, string>;
}

/** Input images and masks, and the inbox they may come by. Bytes travel as streams: one input may have 50 MB. */
export interface UploadStore {
  /**
   * Writes a blob of `uploads` as its bytes arrive; false when one already stands there, which stays as it is. What the
   * stream throws is thrown, and nothing is left behind.
   */
  write(blob: string, bytes: AsyncIterable<Uint8Array>): Promise<boolean>;
  /** Undefined when there is no such blob, or only another version of it. */
  find(source: UploadSource): Promise<UploadFacts | undefined>;
  /** The blob's bytes; undefined when there is no such blob, or only another version of it. */
  open(source: UploadSource): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Removes a blob of `uploads`; one that isn't there is no fault. */
  remove(blob: string): Promise<void>;
  /** Removes all blobs of `uploads` whose name begins so. */
  removeAll(prefix: string): Promise<void>;
  /** A link that can create this one blob of `uploads` and nothing else: not read it, not write it twice. */
  ticket(blob: string): Promise<Link>;
}

/** Results of edits that came by the inbox, for producers that never call the API. */
export interface EditResultStore {
  /** Writes `edit-results/{name}`, unless the result of a later version of what was dropped stands there. */
  publish(name: string, version: Date, result: object): Promise<void>;
}

/** Brings inputs to this machine for the length of one call. */
export interface InputFiles {
  borrow(inputs: EditInputs): Promise<BorrowedFiles>;
}

export interface BorrowedFiles extends EditFiles {
  release(): Promise<void>;
}

/** Makes inputs fit for use. Each answer is undefined for a picture that can't be decoded. Runs one at a time. */
export interface InputWorkshop {
  /** The same picture upright, in RGB, with nothing but its pixels: no place, no second file. */
  clean(bytes: Uint8Array, kind: ImageKind): Promise<({ bytes: Uint8Array } & Dimensions) | undefined>;
  /** The lowest and highest alpha of a PNG's pixels, 0 (clear: edit here) to 255 (keep). */
  alphaRange(mask: Uint8Array): Promise<{ lowest: number; highest: number } | undefined>;
  /** The mask stretched to the given size, each pixel taken from its nearest, and with alpha turned over if asked. */
  refitMask(mask: Uint8Array, change: { size: Dimensions; invert: boolean }): Promise<Uint8Array | undefined>;
}

/** Fetches images from addresses that callers name; connects to public addresses only. */
export interface ImageFetcher {
  /**
   * The bytes as they arrive. Throws, also midway, a Fault `invalidRequest` or `tooLarge` whose detail completes a
   * sentence that begins with the part's name.
   */
  open(url: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export interface ThumbnailMaker {
  /** A webp of at most `side` pixels on its longer side, never larger than the image; undefined when it can't be decoded. */
  make(bytes: Uint8Array, side: number): Promise<Uint8Array | undefined>;
}

/** Deliveries of ends, one for each job and target, and the jobs that wait for theirs to begin. No target is the webhook. */
export interface DeliveryStore {
  /** Writes the delivery of a job's end, unless one stands there; returns the one that stands. */
  open(delivery: DeliveryRecord): Promise<DeliveryRecord>;
  read(jobId: string, target?: DeliveryTarget): Promise<DeliveryRecord | undefined>;
  /** In the order in which they were made. */
  readAttempts(jobId: string, target?: DeliveryTarget): Promise<DeliveryAttempt[]>;
  /** Writes an attempt and what came of it at once. When the delivery has moved on to another round, the attempt alone. */
  record(delivery: DeliveryRecord, attempt: DeliveryAttempt): Promise<void>;
  /** Begins the webhook's next round, whatever became of the last; undefined when the job has no such delivery. */
  renew(jobId: string, at: Date): Promise<DeliveryRecord | undefined>;
  /** Jobs that have ended and whose end isn't told yet. */
  listDue(): AsyncIterable<JobRecord>;
  /** Notes on the job's own row whether its end is still to be told. */
  mark(jobId: string, state: "due" | "settled"): Promise<void>;
}

/** Runs of workflows that wait for one job. Both return the job as it stood at that moment; undefined when it is gone. */
export interface CallbackStore {
  /** Adds a callback, or replaces the one of that name. Throws `conflict` when too many others wait. */
  bind(jobId: string, callback: Callback): Promise<JobRecord | undefined>;
  /** Forgets a callback; one that isn't there is no fault. */
  release(jobId: string, name: string): Promise<JobRecord | undefined>;
}

/** Workflows that are told of ends, for as long as they want to be. */
export interface HookStore {
  /** Writes a hook, or renews the one of its name, which keeps `createdAt`. Throws `conflict` when there are too many. */
  subscribe(hook: HookRecord): Promise<void>;
  list(callerTag: string): Promise<HookRecord[]>;
  read(callerTag: string, name: string): Promise<HookRecord | undefined>;
  /** A hook that isn't there is no fault. */
  remove(hook: Pick<HookRecord, "callerTag" | "name">): Promise<void>;
  /** Removes a hook as it was read; one that was renewed since stays. */
  drop(hook: HookRecord): Promise<void>;
}

/** Ids of hooks: each is the only credential that ending its hook takes. */
export interface HookIds {
  /** The same for the same address of the same caller; it tells nothing of either. */
  nameOf(caller: string, url: string): string;
  write(key: HookKey): string;
  /** What a genuine id stands for; undefined for any other text. */
  read(id: string): HookKey | undefined;
}

/** Callbacks on the wire. */
export interface Callbacks {
  /** As for webhooks. */
  check(url: string): Promise<void>;
  /** One POST of JSON. Never throws for what the receiver or the network does. */
  send(message: { url: string; body: string }): Promise<WebhookReply>;
}

/** Webhooks on the wire. */
export interface Webhooks {
  /** Whether the operator has given the caller a secret: nothing is ever sent unsigned. */
  canSign(caller: string): boolean;
  /**
   * Throws a Fault `invalidRequest` for an address that may not be called as things stand now. Its detail completes a
   * sentence that begins with the field's name, and never repeats the address.
   */
  check(url: string): Promise<void>;
  /** One signed POST. Never throws for what the receiver or the network does. */
  send(message: { caller: string; url: string; id: string; body: string }): Promise<WebhookReply>;
}

/** Starts what delivers a round of telling a job's end, unless it runs or ran already. Made anew for each invocation. */
export interface DeliveryRunner {
  start(delivery: Pick<DeliveryRecord, "jobId" | "round" | "target">): Promise<void>;
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

/** The way to whoever is sent an answer bit by bit. */
export interface Connection {
  /** Aborted once nobody is there any more. */
  closed: AbortSignal;
  /** Waits until what was sent has been taken. False when nobody is there to take it, or when it was stopped before. */
  taken(stopped: AbortSignal): Promise<boolean>;
}

export interface Connections {
  of(requestId: string): Connection;
}

/** Signs addresses of results: one job, read-only, expiring. */
export interface ResultSigner {
  sign(jobId: string): { expires: string; signature: string };
  verify(jobId: string, given: { expires: string; signature: string }): boolean;
}

/** Signs places in lists, so that nobody reads from a place they weren't given. */
export type CursorSigner = Seal;

export interface JobIds {
  next(caller: string): string;
  nextUpload(caller: string): string;
  /** The same id for the same version of the same blob, however often its arrival is told. */
  ofBlob(caller: string, blob: string, version: { etag: string; modifiedAt: Date }): string;
  /** The part of a job's id that tells whose it is. */
  tagOf(caller: string): string;
}

/** A file of the page as it is served. */
export interface PageFile {
  contentType: string;
  /** Changes with the file. */
  tag: string;
  /** The same file in each encoding that a client may ask for. */
  bytes: Record<"identity" | "br" | "gzip", Uint8Array>;
}

export interface DefinitionFile {
  document: Readonly<Record<string, unknown>>;
  /** Changes with the file. */
  tag: string;
}

/** The connector's definition as it is committed. */
export interface ConnectorDefinition {
  /** Undefined when there is no such file. */
  read(): Promise<DefinitionFile | undefined>;
}

/** The gallery page: `index.html`, and what it loads. */
export interface PageFiles {
  /** Undefined when there is no such file. */
  read(name: string): Promise<PageFile | undefined>;
}
