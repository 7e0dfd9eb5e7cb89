import { ByteReader, type Reading } from "./byte-reader.ts";
import { rejectUnsupported } from "./unsupported-format.ts";
import { RejectedImage } from "./image-rejection.ts";
import type { Dimensions } from "../image-size.ts";
import { checkKind, checkSize, tooManyBytes } from "./inspection-limits.ts";
import { inspectJpeg } from "./jpeg-inspection.ts";
import {
  type ConvertibleKind,
  type ImageKind,
  isAnimatedWebp,
  recogniseConvertible,
  recogniseImage,
  type SourceKind,
  webpFlagsBytes,
} from "./media-type.ts";
import { inspectPng } from "./png-inspection.ts";
import { inspectWebp } from "./webp-inspection.ts";

export interface ImageFacts {
  kind: ImageKind;
  /** As stored, before the EXIF orientation is applied. */
  width: number;
  height: number;
  bytes: number;
  /** Whether a pixel may be see-through; whether one is, only decoding would tell. */
  hasAlpha: boolean;
  /** EXIF's, 1 to 8; 1 when absent or nonsense. */
  orientation: number;
  /** Whether there is more than pixels: what may tell of a place or a person, or smuggle a second file. */
  hasExtras: boolean;
  /** Whether it has four components: CMYK, or a relative of it. */
  isCmyk: boolean;
}

/** Of a file that is made into PNG before anything else is asked of it: the rest is found in that. */
export interface ConvertibleFacts {
  kind: ConvertibleKind;
  bytes: number;
}

export type SourceFacts = ImageFacts | ConvertibleFacts;

/** What the reader of one kind finds. */
export type Findings = Omit<ImageFacts, "kind" | "bytes">;

/** The most that is allowed, each inclusive. */
export interface InspectionLimits {
  kinds: readonly SourceKind[];
  maximumBytes: number;
  maximumPixels: number;
  maxSide: number;
}

/** Why an image can't be used; `message` completes a sentence that begins with the part's name: "is cut short". */
export interface ImageRejection {
  code: "invalidRequest" | "tooLarge" | "unsupportedMedia";
  message: string;
  allowed?: readonly (string | number)[];
}

/** CRC-32 as `node:zlib` has it; it's passed in, because `domain/` imports nothing. */
export type Crc32 = (bytes: Uint8Array, seed: number) => number;

/** Objects to a picture's size the moment its header is read. */
export type SizeCheck = (dimensions: Dimensions) => void;

export function isRejection(outcome: SourceFacts | ImageRejection | undefined): outcome is ImageRejection {
  return outcome !== undefined && "code" in outcome;
}

type Reader = (feed: ByteReader, checkSize: SizeCheck, crc32: Crc32) => Reading<Findings>;

const readers: Record<ImageKind, Reader> = { png: inspectPng, jpeg: inspectJpeg, webp: inspectWebp };

type Found = Omit<ImageFacts, "bytes"> | Omit<ConvertibleFacts, "bytes">;

// Enough for the name of any recognisable kind, and for what usually comes before "<svg".
const headBytes = 1024;

/**
 * Looks through an image while its bytes go by. Nothing is decoded or inflated, and nothing but the current header is
 * held: a bomb costs what its bytes cost. The result doesn't depend on how the bytes are split into chunks.
 */
export class ImageInspection {
  readonly #limits: InspectionLimits;
  readonly #feed = new ByteReader();
  readonly #reading: Reading<Found>;
  #bytes = 0;
  #result: SourceFacts | ImageRejection | undefined;

  constructor(limits: InspectionLimits, crc32: Crc32) {
    this.#limits = limits;
    this.#reading = this.#read(crc32);
  }

  /** Takes the next bytes; a rejection ends the inspection at once: nothing more need be read. */
  push(chunk: Uint8Array): ImageRejection | undefined {
    const { maximumBytes } = this.#limits;
    // What lies within the limit is judged first, so that no way of chunking changes the result.
    this.#feed.give(chunk.subarray(0, Math.max(0, maximumBytes - this.#bytes)));
    this.#bytes += chunk.length;
    this.#advance();
    if (this.#bytes > maximumBytes) this.#result ??= tooManyBytes(maximumBytes);
    return isRejection(this.#result) ? this.#result : undefined;
  }

  /** After the last byte. */
  end(): SourceFacts | ImageRejection {
    this.#feed.end();
    this.#advance();
    if (!this.#result) throw new Error("An inspection ended without a result.");
    return this.#result;
  }

  #advance(): void {
    if (this.#result) return;
    try {
      const step = this.#reading.next();
      if (step.done) this.#result = { ...step.value, bytes: this.#bytes };
    } catch (error) {
      if (!(error instanceof RejectedImage)) throw error;
      this.#result = error.rejection;
    }
  }

  *#read(crc32: Crc32): Reading<Found> {
    const head = yield* this.#feed.peek(webpFlagsBytes);
    const kind = isAnimatedWebp(head) ? undefined : recogniseImage(head);
    if (!kind) return yield* this.#readConvertible();
    checkKind(kind, this.#limits);
    const found = yield* readers[kind](this.#feed, (size) => checkSize(size, this.#limits), crc32);
    // Phones append videos and gain maps, so bytes after the end are no reason to refuse.
    const hasTrailer = yield* this.#feed.drain();
    return { kind, ...found, hasExtras: found.hasExtras || hasTrailer };
  }

  /** Their structure is left to the decoder: nothing of such a file is kept but its pixels. */
  *#readConvertible(): Reading<Found> {
    const head = yield* this.#feed.peek(headBytes);
    const kind = recogniseConvertible(head);
    if (!kind) throw rejectUnsupported(head, this.#limits.kinds);
    checkKind(kind, this.#limits);
    yield* this.#feed.drain();
    return { kind };
  }
}
