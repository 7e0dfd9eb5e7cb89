import { createHash } from "node:crypto";
import { inputBlobName } from "../domain/blob-name.ts";
import { checkInputs, needsNormalizing, uprightSize } from "../domain/edit-inputs.ts";
import { invalidRequest } from "../domain/app-error.ts";
import type { ImageRequest } from "../domain/image-request.ts";
import type { Dimensions } from "../domain/image-size.ts";
import { type ImageKind, mediaTypes } from "../domain/image-format/media-type.ts";
import type { EditLimits } from "../domain/model-catalogue.ts";
import type { ImageProcessor, UploadStore } from "../ports/inputs.ts";
import type { EditInputs, StoredInput } from "../ports/records.ts";
import { runExclusive } from "../async/mutex.ts";
import { partError } from "../domain/param-error.ts";
import { convertInput, type SendableInput } from "./convert-input.ts";
import { inOnePiece, readWhole, undecodable } from "./input-bytes.ts";
import type { ReceivedInput } from "./receive-input.ts";

export interface PrepareInputsDeps {
  uploads: UploadStore;
  imageProcessor: ImageProcessor;
}

export interface ReceivedInputs {
  images: readonly ReceivedInput[];
  mask?: ReceivedInput | undefined;
}

/**
 * Makes received inputs ready to be sent: checked against the model, upright, without place or person, the mask of the
 * first image's size. Throws a Error that names the part. What stands in `uploads` already is not touched; what is made
 * anew stands beside it, under the job's name.
 */
export async function prepareInputs(
  deps: PrepareInputsDeps,
  received: ReceivedInputs,
  job: { id: string; model: string; request: ImageRequest; limits: EditLimits },
): Promise<EditInputs> {
  const { images, mask } = await convertAll(deps, received, job);
  const { mask_mode: maskMode = "strict" } = job.request;
  const violations = checkInputs(images, mask, { model: job.model, limits: job.limits, maskMode });
  if (violations[0]) throw invalidRequest(violations, undefined, violations[0].code);

  const prepared: StoredInput[] = [];
  for (const [index, image] of images.entries())
    prepared.push(
      needsNormalizing(image.facts)
        ? await runExclusive(() => normalizeImage(deps, image, inputBlobName(job.id, index, "clean")))
        : asReceived(image),
    );
  const [first] = images;
  if (!mask || !first) return { images: prepared };
  const change = { size: uprightSize(first.facts), invert: job.request.mask_invert === true };
  return {
    images: prepared,
    mask: await runExclusive(() => prepareMask(deps, mask, change, inputBlobName(job.id, "mask", "clean"))),
  };
}

/** Kinds that the model doesn't take, as PNG. */
async function convertAll(
  deps: PrepareInputsDeps,
  { images, mask }: ReceivedInputs,
  { id, limits: { inputKinds: kinds } }: { id: string; limits: EditLimits },
): Promise<{ images: SendableInput[]; mask?: SendableInput }> {
  const converted: SendableInput[] = [];
  for (const [index, image] of images.entries()) {
    const blob = inputBlobName(id, index, "png");
    converted.push(await convertInput(deps, image, { kinds, role: "image", blob }));
  }
  if (!mask) return { images: converted };
  const blob = inputBlobName(id, "mask", "png");
  return {
    images: converted,
    mask: await convertInput(deps, mask, { kinds: ["png"], role: "mask", blob }),
  };
}

async function normalizeImage(
  deps: PrepareInputsDeps,
  image: SendableInput,
  blob: string,
): Promise<StoredInput> {
  const { kind } = image.facts;
  const normalized = await deps.imageProcessor.normalize(await readWhole(deps.uploads, image), kind);
  if (!normalized) throw undecodable(image);
  return keep(deps.uploads, blob, normalized.bytes, kind, normalized);
}

async function prepareMask(
  { uploads, imageProcessor }: PrepareInputsDeps,
  mask: SendableInput,
  { size, invert }: { size: Dimensions; invert: boolean },
  blob: string,
): Promise<StoredInput> {
  // Its first row lies where its own orientation says, as with any picture.
  const received = await readWhole(uploads, mask);
  const bytes =
    mask.facts.orientation === 1 ? received : (await imageProcessor.normalize(received, "png"))?.bytes;
  if (!bytes) throw undecodable(mask);
  const range = await imageProcessor.alphaRange(bytes);
  if (!range) throw undecodable(mask);
  const [isOpaque, isClear] = [range.lowest === 255, range.highest === 0];
  const [keeps, edits] = invert ? ["clear", "opaque"] : ["opaque", "clear"];
  if (invert ? isClear : isOpaque)
    throw partError(
      mask.param,
      "invalidRequest",
      `is ${keeps} all over: it marks nothing to edit. Make it ${edits} where the picture is to change`,
    );
  if (invert ? isOpaque : isClear)
    throw partError(
      mask.param,
      "invalidRequest",
      `is ${edits} all over: nothing of the picture would stay. Leave the mask out to edit all of it`,
    );
  const { width, height } = mask.facts;
  const fits = width === size.width && height === size.height;
  if (fits && !invert && !needsNormalizing(mask.facts)) return asReceived(mask);
  const resized = await imageProcessor.resizeMask(bytes, { size, invert });
  if (!resized) throw undecodable(mask);
  return keep(uploads, blob, resized, "png", size);
}

async function keep(
  uploads: UploadStore,
  blob: string,
  bytes: Uint8Array,
  kind: ImageKind,
  { width, height }: Dimensions,
): Promise<StoredInput> {
  // An earlier delivery may have made the same from the same: what it wrote is as good.
  await uploads.write(blob, inOnePiece(bytes));
  return {
    blob,
    contentType: mediaTypes[kind],
    width,
    height,
    bytes: bytes.byteLength,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

function asReceived({ blob, facts, sha256 }: SendableInput): StoredInput {
  const { kind, width, height, bytes } = facts;
  return { blob, contentType: mediaTypes[kind], width, height, bytes, sha256 };
}
