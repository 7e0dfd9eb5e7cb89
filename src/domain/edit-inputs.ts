import type { ErrorCode, Violation } from "./app-error.ts";
import type { ImageFacts } from "./image-format/image-inspection.ts";
import type { MaskMode } from "./image-request.ts";
import type { Dimensions } from "./image-size.ts";
import { type EditLimits } from "./model-catalogue.ts";
import { mediaTypes } from "./image-format/media-type.ts";

/** An input as its caller calls it, and what inspection found. */
export interface InspectedInput {
  param: string;
  facts: ImageFacts;
}

/** `code` is what an inspection that knows the model would have said as well. */
export type InputViolation = Violation & { code: Extract<ErrorCode, "invalidRequest" | "tooLarge"> };

/** Width and height as a person sees the picture: EXIF orientations from 5 on lie on their side. */
export function uprightSize({ width, height, orientation }: ImageFacts): Dimensions {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** Whether a picture must be made anew before it's sent: a phone's sideways photo, place names, a second file behind it. */
export function needsNormalizing({ orientation, hasExtras, isCmyk }: ImageFacts): boolean {
  return orientation !== 1 || hasExtras || isCmyk;
}

/** Every rule of the model that the inputs break. Whether a mask marks anything at all is told by its pixels only. */
export function checkInputs(
  images: readonly InspectedInput[],
  mask: InspectedInput | undefined,
  { model, limits, maskMode }: { model: string; limits: EditLimits; maskMode: MaskMode },
): InputViolation[] {
  return [
    ...checkNumber(images, model, limits),
    ...images.flatMap((image) => checkWeight(image, limits.imageBytes)),
    ...(mask ? checkWeight(mask, limits.maskBytes) : []),
    ...(mask ? checkMask(mask, images[0], maskMode) : []),
  ];
}

function checkNumber(
  images: readonly InspectedInput[],
  model: string,
  { maxImages }: EditLimits,
): InputViolation[] {
  if (images.length === 0)
    return [violation("image", "image is required: an edit needs a picture to start from.")];
  if (images.length <= maxImages) return [];
  const message = `${images.length} images were sent; ${model} takes at most ${maxImages}.`;
  return [violation("image", message)];
}

function checkWeight({ param, facts }: InspectedInput, most: number): InputViolation[] {
  if (facts.bytes <= most) return [];
  const message = `${param} has ${facts.bytes} bytes as ${mediaTypes[facts.kind]}; at most ${most} are allowed.`;
  return [{ code: "tooLarge", param, message, allowed: [most] }];
}

function checkMask(
  mask: InspectedInput,
  first: InspectedInput | undefined,
  mode: MaskMode,
): InputViolation[] {
  const { param, facts } = mask;
  if (!facts.hasAlpha) {
    const message = `${param} has no alpha channel; a mask is a PNG that is clear where the picture is to be edited.`;
    return [violation(param, message)];
  }
  if (!first || mode === "resize") return [];
  const [wanted, found] = [uprightSize(first.facts), uprightSize(facts)];
  if (wanted.width === found.width && wanted.height === found.height) return [];
  const message =
    `${param} is ${found.width}x${found.height} and ${first.param} is ${wanted.width}x${wanted.height}: they must be ` +
    `of one size, or send mask_mode "resize".`;
  return [{ ...violation(param, message), allowed: [`${wanted.width}x${wanted.height}`] }];
}

function violation(param: string, message: string): InputViolation {
  return { code: "invalidRequest", param, message };
}
