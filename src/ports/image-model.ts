import type { FaultFacts } from "../domain/fault.ts";
import type { ImageRequest } from "../domain/image-request.ts";
import type { Unavailable } from "../domain/upstream-outcome.ts";
import type { CallRecord } from "../records.ts";

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

/**
 * What came of fetching a picture's link once. `late`: it may be there another time, not before `retryAfterMs` (0: the far
 * side named no wait). `lost`: it never will be. Neither text holds the link or a word of the answer.
 */
export type FetchReply =
  | { kind: "image"; bytes: Uint8Array }
  | { kind: "late"; retryAfterMs: number; reason: string }
  | { kind: "lost"; fault: FaultFacts };

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
