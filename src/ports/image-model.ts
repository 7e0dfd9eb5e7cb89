import type { ErrorInfo } from "../domain/app-error.ts";
import type { ImageRequest } from "../domain/image-request.ts";
import type { ReportedLimits } from "../domain/quota/learnt-limits.ts";
import type { Unavailable } from "../domain/upstream-outcome.ts";
import type { CallRecord, ImageFacts } from "./records.ts";

/** Bytes of one picture as they were received: in memory, or in a temporary file when memory in flight is full. */
export interface ReceivedPicture {
  readonly bytes: number;
  /**
   * All its bytes. May be called more than once until release. A picture in a file waits until there is memory for it, which
   * others free by releasing theirs: release one picture before reading the next. Throws after release.
   */
  read(): Promise<Uint8Array>;
  /** Gives back the memory that reading took, where a file holds the bytes too. They can be read again. */
  unload(): Promise<void>;
  /** Frees memory or file. Idempotent. */
  release(): Promise<void>;
}

export interface ReceivedImage extends ImageFacts {
  /** Place of the image within its call. */
  position: number;
  picture: ReceivedPicture;
}

/** Who is handed what a reply brings, while it is read. */
export interface ReplyListener {
  onPartial?: OnPartial;
  /**
   * Called for each image as soon as it was read, and owns its picture from then on; the next one is read when this
   * settles. What it throws ends the call and is thrown as it is.
   */
  onImage: (image: ReceivedImage) => Promise<void>;
  /** Told of what the reply's headers say of the service's limits, if they do, before its body is read. */
  onLimits?: ((limits: ReportedLimits) => void) | undefined;
}

/**
 * One image of a reply, by its place: handed to the listener, to be fetched from a link, or why there is none. A link may
 * hold a secret.
 */
export type ReplyItem =
  | { kind: "received" }
  | ({ kind: "link"; url: string } & ImageFacts)
  | { kind: "lost"; failure: ErrorInfo };

/**
 * What the service said; items stand by position. `throttled`, `rejected` and `accountBlocked` are known not to bill.
 * Whatever else a retry may cure is thrown, as an UpstreamError.
 */
export type UpstreamReply =
  | { kind: "images"; items: ReplyItem[]; usage?: CallRecord["usage"] }
  | { kind: "refused"; failure: ErrorInfo }
  | { kind: "throttled"; retryAfterMs: number }
  | Unavailable
  | { kind: "rejected"; failure: ErrorInfo }
  | { kind: "accountBlocked"; failure: ErrorInfo };

/** `images`: a service that answers a submit with its images at once. */
export type SubmitReply = { kind: "submitted"; operation: string; retryAfterMs: number } | UpstreamReply;
export type PollReply = { kind: "pending"; retryAfterMs: number } | UpstreamReply;
/** `gone` also when nobody knows the operation any more; `pending` while it still runs, or the service can't be asked. */
export type DiscardReply = { kind: "gone" } | { kind: "pending"; retryAfterMs: number };

/**
 * What came of fetching a picture's link once. `late`: it may be there another time, not before `retryAfterMs` (0: the far
 * side named no wait), and what came in its place, if anything did. `lost`: it never will be. Neither text holds the link or a
 * word of the answer.
 */
export type FetchReply =
  | { kind: "image"; bytes: Uint8Array }
  | { kind: "late"; retryAfterMs: number; reason: string; received?: Uint8Array }
  | { kind: "lost"; failure: ErrorInfo };

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
  /** Asks for a stream when the request does; `onPartial` is then given what comes before the images. */
  render(
    request: ImageRequest,
    images: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<UpstreamReply>;
  edit(
    request: ImageRequest,
    files: EditFiles,
    images: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<UpstreamReply>;
  submit(
    request: ImageRequest,
    images: number,
    operationId: string,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<SubmitReply>;
  /**
   * Asks where an operation stands, which costs nothing: `unavailable` is never billed. `ageMs` is how long ago the operation
   * was submitted: one that the service doesn't know yet is `pending` for two minutes, and lost after that.
   */
  poll(
    request: ImageRequest,
    operation: string,
    ageMs: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<PollReply>;
  /** Removes an operation at the service, which it allows only once the operation has come to an end there. */
  discard(operation: string, signal: AbortSignal): Promise<DiscardReply>;
  /**
   * Fetches a link of the service's answer, relative ones from the deployment's endpoint, without its key. Throws the
   * signal's reason once that is aborted, and nothing else.
   */
  fetchImage(link: string, signal: AbortSignal): Promise<FetchReply>;
}

export interface ImageModels {
  /** Throws when no such deployment is configured any more. */
  at(deployment: string): ImageModel;
}
