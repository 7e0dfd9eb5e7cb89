import type {
  ImageRejection,
  InspectionLimits,
  SourceFacts,
} from "../../src/domain/image-format/image-inspection.ts";

/** An odd or hostile image; its name says what comes of it. */
export interface ImageCase {
  name: string;
  bytes: () => Uint8Array | AsyncIterable<Uint8Array>;
  expect: "accepted" | ImageRejection["code"];
  /** What the rejection's message says. */
  about?: RegExp;
  facts?: Partial<SourceFacts>;
}

export const corpusLimits: InspectionLimits = {
  kinds: ["png", "jpeg", "webp", "gif", "tiff", "avif"],
  maximumBytes: 50 * 2 ** 20,
  maximumPixels: 64_000_000,
  maxSide: 16_384,
};

type Bytes = Uint8Array | ImageCase["bytes"];
const given = (bytes: Bytes) => (bytes instanceof Uint8Array ? () => bytes : bytes);

export function accepted(what: string, bytes: Bytes, facts: Partial<SourceFacts> = {}): ImageCase {
  return { name: `${what} is accepted`, bytes: given(bytes), expect: "accepted", facts };
}

/** `about` stands in the rejection's message. */
export function refused(
  expect: ImageRejection["code"],
  what: string,
  about: RegExp,
  bytes: Bytes,
): ImageCase {
  const reasons = { invalidRequest: "damaged", tooLarge: "too large", unsupportedMedia: "unsupported" };
  const reason = about.source === "^is cut short$" ? "cut short" : reasons[expect];
  return { name: `${what} is refused as ${reason}`, bytes: given(bytes), expect, about };
}

export const broken = (what: string, about: RegExp, bytes: Bytes) =>
  refused("invalidRequest", what, about, bytes);
export const tooLarge = (what: string, about: RegExp, bytes: Bytes) =>
  refused("tooLarge", what, about, bytes);
export const unsupported = (what: string, about: RegExp, bytes: Bytes) =>
  refused("unsupportedMedia", what, about, bytes);
export const cut = (what: string, bytes: Bytes) => broken(what, /^is cut short$/, bytes);
