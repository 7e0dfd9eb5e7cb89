import type { Dimensions } from "../domain/image-size.ts";
import type { ImageKind, SourceKind } from "../domain/image-format/media-type.ts";
import type { EditInputs } from "./records.ts";
import type { Link } from "./images.ts";
import type { EditFiles } from "./image-model.ts";

/** The containers that are watched for what others drop there. */
export type Inbox = "edit-inbox" | "generate-inbox";

/** A blob that somebody else wrote: an upload, or a file in a watched inbox. */
export interface UploadSource {
  container: "uploads" | Inbox;
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

/** A file of the inbox, as a listing shows it. */
export interface InboxFile extends UploadFacts {
  blob: string;
}

/** The inbox, as the one who looks for files that nobody told of sees it. */
export interface InboxListing {
  /** All files that are whole, in pages: one request for each. None is read. */
  pages(): AsyncIterable<InboxFile[]>;
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

/** A ticket that was handed out, by the upload it is for. */
export interface OpenTicket {
  uploadId: string;
  expiresAt: Date;
}

/** Tickets of each caller that may still be open, so that their number can be bounded. */
export interface TicketStore {
  /** Writes one or more, over older ones of the same uploads. */
  add(callerTag: string, tickets: readonly OpenTicket[]): Promise<void>;
  list(callerTag: string): Promise<OpenTicket[]>;
  /** One that isn't there is no fault. */
  remove(callerTag: string, tickets: readonly OpenTicket[]): Promise<void>;
}

/** Results of what came by an inbox, for producers that never call the API. */
export interface ResultStore {
  /** Writes `{name}` into the container of results, unless the result of a later version of what was dropped stands there. */
  publish(name: string, version: Date, result: object): Promise<void>;
}

/** Brings inputs to this machine for the length of one call. */
export interface InputFiles {
  borrow(inputs: EditInputs): Promise<BorrowedFiles>;
}

export interface BorrowedFiles extends EditFiles {
  release(): Promise<void>;
}

/** What a file says of itself, before a pixel of it is decoded. */
export interface MeasuredImage extends Dimensions {
  kind: SourceKind;
  /** Whether its first picture is but a preview of what a camera's sensor saw. */
  isRaw: boolean;
}

/** Makes inputs fit for use. Each answer is undefined for a picture that can't be decoded. Runs one at a time. */
export interface ImageProcessor {
  measure(bytes: Uint8Array): Promise<MeasuredImage | undefined>;
  /** The same picture, of an animation the first one, upright, in RGB, with nothing but its pixels: no place, no second file. */
  normalize(bytes: Uint8Array, kind: ImageKind): Promise<({ bytes: Uint8Array } & Dimensions) | undefined>;
  /** The lowest and highest alpha of a PNG's pixels, 0 (clear: edit here) to 255 (keep). */
  alphaRange(mask: Uint8Array): Promise<{ lowest: number; highest: number } | undefined>;
  /** The mask stretched to the given size, each pixel taken from its nearest, and with alpha turned over if asked. */
  resizeMask(
    mask: Uint8Array,
    change: { size: Dimensions; invert: boolean },
  ): Promise<Uint8Array | undefined>;
}

/** Fetches images from addresses that callers name; connects to public addresses only. */
export interface ImageFetcher {
  /**
   * The bytes as they arrive. Throws, also midway, a Error `invalidRequest` or `tooLarge` whose detail completes a
   * sentence that begins with the part's name.
   */
  open(url: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}
