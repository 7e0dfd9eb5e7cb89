import { checkSize, mediaTypeOf } from "../domain/image-format/inspection-limits.ts";
import type { ImageFacts, SourceFacts } from "../domain/image-format/image-inspection.ts";
import { RejectedImage } from "../domain/image-format/image-rejection.ts";
import type { ImageKind } from "../domain/image-format/media-type.ts";
import { partError } from "../domain/param-error.ts";
import { runExclusive } from "../async/mutex.ts";
import type { ImageProcessor, UploadStore } from "../ports/inputs.ts";
import { inOnePiece, readWhole, undecodable } from "./input-bytes.ts";
import { type InputRole, type ReceivedInput, receiveInput, widestLimits } from "./receive-input.ts";

/** An input of a kind that a model takes. */
export type SendableInput = ReceivedInput & { facts: ImageFacts };

interface ConvertDeps {
  uploads: UploadStore;
  imageProcessor: ImageProcessor;
}

/**
 * The input itself where the model takes its kind, or else a PNG of it, stored at `blob`: of an animation its first picture.
 * Throws an error that names the part, and removes the input, where it can't be decoded or is larger than any picture may be.
 */
export async function convertInput(
  deps: ConvertDeps,
  input: ReceivedInput,
  { kinds, role, blob }: { kinds: readonly ImageKind[]; role: InputRole; blob: string },
): Promise<SendableInput> {
  if (isOf(kinds, input)) return input;
  const png = await runExclusive(() => decode(deps, input)).catch(async (error: unknown) => {
    await deps.uploads.remove(input.blob);
    throw error;
  });
  // How many bytes the model takes is checked with all of its other rules.
  const limits = { ...widestLimits, kinds: ["png" as const], maximumBytes: Number.MAX_SAFE_INTEGER };
  const converted = await receiveInput(
    deps.uploads,
    { param: input.param, role, blob, limits },
    inOnePiece(png),
  );
  if (!isOf(["png"], converted)) throw new Error("A picture was made into PNG, and is none.");
  return converted;
}

async function decode({ uploads, imageProcessor }: ConvertDeps, input: ReceivedInput): Promise<Uint8Array> {
  const bytes = await readWhole(uploads, input);
  const measured = await imageProcessor.measure(bytes);
  // Decoders go by the bytes as well: another one than was meant has found something that nobody looked for.
  if (!measured || mediaTypeOf(measured.kind) !== mediaTypeOf(input.facts.kind)) throw undecodable(input);
  if (measured.isRaw)
    throw partError(input.param, "unsupportedMedia", "is a camera's raw photo; save or send it as JPEG");
  try {
    checkSize(measured, widestLimits);
  } catch (error) {
    if (!(error instanceof RejectedImage)) throw error;
    const { code, message, allowed } = error.rejection;
    throw partError(input.param, code, message, { allowed });
  }
  const made = await imageProcessor.normalize(bytes, "png");
  if (!made) throw undecodable(input);
  return made.bytes;
}

function isOf(kinds: readonly SourceFacts["kind"][], input: ReceivedInput): input is SendableInput {
  return kinds.includes(input.facts.kind);
}
