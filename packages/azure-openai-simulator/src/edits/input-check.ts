import sharp, { type Metadata } from "sharp";
import { invalidRequest } from "../service-error.ts";
import type { Dialect } from "../wire.ts";
import type { Part } from "./form.ts";

export interface Measured {
  readonly width: number;
  readonly height: number;
}

/** [S3] less than 50 MB. */
const tooHeavy = 50 * 1024 * 1024;

/** PNG and JPEG [S3]; OpenAI takes WebP too [O1]. Both the type told and the bytes must be one of them. */
export async function checkImages(images: readonly Part[], dialect: Dialect): Promise<Measured[]> {
  const formats = dialect === "openai" ? ["jpeg", "png", "webp"] : ["jpeg", "png"];
  return await Promise.all(
    images.map(async (part, at) => {
      const param = images.length === 1 && part.name === "image" ? "image" : `image[${at}]`;
      refuseHeavy(part, param);
      const types = formats.map((format) => `image/${format}`);
      if (!types.includes(part.contentType)) throw unsupportedType(param, part.contentType, types);
      const header = await headerOf(part);
      if (header === undefined || !formats.includes(header.format)) throw invalidImage(at + 1);
      return { width: header.width, height: header.height };
    }),
  );
}

/** A mask is judged by its bytes alone: the service does not mind what type it was told. */
export async function checkMask(mask: Part, first: Measured): Promise<void> {
  refuseHeavy(mask, "mask");
  const header = await headerOf(mask);
  if (header?.format !== "png") {
    throw badMask("Invalid mask image format - mask image must be a PNG file.");
  }
  if (!header.hasAlpha) throw badMask("Invalid mask image format - mask image missing alpha channel.");
  if (header.width !== first.width || header.height !== first.height) {
    throw badMask("Invalid mask image format - mask size does not match image size.");
  }
}

async function headerOf({ bytes }: Part): Promise<Metadata | undefined> {
  try {
    return await sharp(bytes).metadata();
  } catch {
    return undefined;
  }
}

function refuseHeavy({ bytes }: Part, param: string): void {
  if (bytes.length < tooHeavy) return;
  const message = `Invalid file '${param}': file too large. Expected a file smaller than 50 MB, but got ${bytes.length} bytes instead.`;
  throw invalidRequest("file_too_large", message, param);
}

function unsupportedType(param: string, type: string, types: readonly string[]): Error {
  const listed = types.map((one) => `'${one}'`).join(", ");
  const message = `Invalid file '${param}': unsupported mimetype ('${type}'). Supported file formats are ${listed}.`;
  return invalidRequest("unsupported_file_mimetype", message, param);
}

/** Numbered from 1, as the service does. */
export function invalidImage(number: number): Error {
  const message = `Invalid image file or mode for image ${number}, please check your image file.`;
  return invalidRequest("invalid_image_file", message, "image");
}

export function badMask(message: string): Error {
  return invalidRequest("invalid_mask_image_format", message, "mask");
}
