import type { Dimensions } from "../domain/image-size.ts";
import type { DigitalSourceType } from "../domain/provenance.ts";
import type { Rendition } from "../domain/rendition.ts";
import type { StoredImage } from "./records.ts";

export interface Link {
  url: string;
  expiresAt: Date;
}

/** Keeps a text from the one who may read the place where it stands. */
export interface TextCipher {
  encrypt(text: string, place: string): string;
  /** Undefined for what wasn't encrypted for that place, or under another key. */
  decrypt(encrypted: string, place: string): string | undefined;
}

export interface ImageStore {
  /**
   * Writes once; false when a blob already stands there, which stays as it is. `signal` cuts an attempt short that an
   * outage would hold up.
   */
  put(name: string, bytes: Uint8Array, facts: BlobFacts, signal?: AbortSignal): Promise<boolean>;
  /** All its bytes, or those of one part. Throws `expired` when there is no such blob any more. */
  read(name: string, part?: BytePart): Promise<Uint8Array>;
  /** Removes a blob; one that isn't there is no fault. */
  remove(name: string): Promise<void>;
  /** Images of the job that are stored, whether or not they were recorded. */
  list(jobId: string): Promise<StoredImage[]>;
  /** A read-only link to one blob, the same for all who ask within an hour; good for the given time, as far as a link can be, or the usual one. */
  link(name: string, hours?: number): Promise<Link>;
  ping(): Promise<void>;
  /** Throws when storage doesn't answer. A success within the last seconds counts: it is asked before each paying call. */
  check(): Promise<void>;
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

export interface ImageResizer {
  /**
   * The image filling the size, in its own format, marked as what made it; what goes beyond, on both sides alike, is cut off.
   * Undefined when it can't be decoded.
   */
  resize(bytes: Uint8Array, size: Dimensions, sourceType: DigitalSourceType): Promise<Uint8Array | undefined>;
}

export interface RenditionMaker {
  /** The picture made anew, marked as what made it; undefined when it can't be decoded. */
  make(
    bytes: Uint8Array,
    rendition: Rendition,
    sourceType: DigitalSourceType,
  ): Promise<Uint8Array | undefined>;
}

export interface ThumbnailMaker {
  /**
   * For each of `sides` a webp of at most that many pixels on its longer side, never larger than the image, marked as what made
   * it; undefined when it can't be decoded.
   */
  make(
    bytes: Uint8Array,
    sides: readonly number[],
    sourceType: DigitalSourceType,
  ): Promise<Uint8Array[] | undefined>;
}
