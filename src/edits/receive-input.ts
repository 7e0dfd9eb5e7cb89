import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  ImageInspection,
  type InspectionLimits,
  isRejection,
  type SourceFacts,
} from "../domain/image-format/image-inspection.ts";
import type { EditLimits } from "../domain/model-catalogue.ts";
import type { UploadSource, UploadStore } from "../ports/inputs.ts";
import { withParamName, partError } from "../domain/param-error.ts";

export type InputRole = "image" | "mask";

/** An input that is stored, and whose bytes were looked at while they went by. */
export interface ReceivedInput {
  /** What the caller calls it. */
  param: string;
  blob: string;
  facts: SourceFacts;
  sha256: string;
}

/** The most that any model takes: what a model takes may not be known yet when the bytes arrive. */
export const widestLimits = {
  maximumBytes: 50 * 1024 * 1024 - 1,
  // 8192 x 8192: above the largest phone photos in use, and 200 MB when decoded.
  maximumPixels: 2 ** 26,
  maxSide: 16_384,
} as const;

const limitsOf: Record<InputRole, InspectionLimits> = {
  image: { ...widestLimits, kinds: ["png", "jpeg", "webp", "gif", "tiff", "avif", "animatedWebp"] },
  // A JPEG is opaque all over.
  mask: { ...widestLimits, kinds: ["png", "webp", "gif", "tiff", "avif", "animatedWebp"] },
};

/** The same, where the model is known already: what it won't take isn't even stored. */
export function limitsFor(role: InputRole, edits: EditLimits): InspectionLimits {
  const limits = limitsOf[role];
  const most = role === "mask" ? edits.maskBytes : edits.imageBytes;
  return { ...limits, maximumBytes: Math.min(limits.maximumBytes, most) };
}

export interface Arrival {
  param: string;
  role: InputRole;
  /** Where in `uploads` it is to stand. */
  blob: string;
  limits?: InspectionLimits;
}

/**
 * Stores an input as its bytes arrive, and inspects them on their way: what can't be used is refused as soon as it shows,
 * and nothing of it stays. Where an earlier delivery has stored the input already, that one is inspected instead.
 */
export async function receiveInput(
  uploads: UploadStore,
  arrival: Arrival,
  bytes: AsyncIterable<Uint8Array>,
): Promise<ReceivedInput> {
  const inspector = new Inspector(arrival);
  try {
    if (await uploads.write(arrival.blob, inspector.watch(bytes)))
      return { param: arrival.param, blob: arrival.blob, ...inspector.result() };
  } catch (error) {
    throw withParamName(arrival.param, error);
  }
  const { blob } = arrival;
  const current = await inspectUpload(uploads, arrival, { container: "uploads", blob });
  if (!current) throw partError(arrival.param, "conflict", "was removed while it was read");
  return current;
}

/** Inspects an upload where it stands; undefined when it isn't there. One that can't be used is removed. */
export async function inspectUpload(
  uploads: UploadStore,
  arrival: Arrival,
  source: UploadSource,
): Promise<ReceivedInput | undefined> {
  const inspector = new Inspector(arrival);
  try {
    const bytes = await uploads.open(source);
    if (!bytes) return undefined;
    const watched = inspector.watch(bytes);
    for (let step = await watched.next(); step.done !== true;) step = await watched.next();
    return { param: arrival.param, blob: source.blob, ...inspector.result() };
  } catch (error) {
    if (inspector.hasRejected) await uploads.remove(source.blob);
    throw withParamName(arrival.param, error);
  }
}

class Inspector {
  hasRejected = false;
  readonly #arrival: Arrival;
  readonly #inspection: ImageInspection;
  readonly #hash: Hash = createHash("sha256");
  #facts: SourceFacts | undefined;

  constructor(arrival: Arrival) {
    this.#arrival = arrival;
    this.#inspection = new ImageInspection(arrival.limits ?? limitsOf[arrival.role], crc32);
  }

  /** The same bytes; ends in an error once the inspection objects, so that anyone who writes them stops. */
  async *watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      this.#judge(this.#inspection.push(chunk));
      this.#hash.update(chunk);
      yield chunk;
    }
    this.#judge(this.#inspection.end());
  }

  result(): { facts: SourceFacts; sha256: string } {
    if (!this.#facts) throw new Error("An input was not read to its end.");
    return { facts: this.#facts, sha256: this.#hash.digest("hex") };
  }

  #judge(outcome: ReturnType<ImageInspection["push"] | ImageInspection["end"]>): void {
    if (isRejection(outcome)) {
      this.hasRejected = true;
      const { code, message, allowed } = outcome;
      throw partError(this.#arrival.param, code, message, { allowed });
    }
    this.#facts = outcome;
  }
}
