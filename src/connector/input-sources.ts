import type { ImageSource } from "../contracts/image-source.ts";
import type { EditRequest } from "../contracts/requests.ts";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { withParamName } from "../domain/param-error.ts";
import type { JobFinder } from "../jobs/find-job.ts";
import type { ImageStore } from "../ports/images.ts";
import type { ActionBody, InputImage } from "./contracts/request-mapping.ts";
import { findImage } from "./find-image.ts";

export type SourceDeps = JobFinder & { images: ImageStore };

/**
 * The pictures of an edit, in the order given. One that was made here is read by its ID: nobody has to carry a link that
 * expires. Somebody else's is as unknown as one that never was.
 */
export async function inputSources(
  deps: SourceDeps,
  caller: string,
  given: readonly InputImage[],
  { maskContentBytes, maskImageId }: ActionBody,
): Promise<Pick<EditRequest, "images" | "mask">> {
  const images: ImageSource[] = [];
  for (const [at, { url, contentBytes, imageId }] of given.entries()) {
    if (imageId !== undefined) images.push(await readMade(deps, caller, imageId, `images.${at}.imageId`));
    else images.push(url === undefined ? { b64_json: contentBytes } : { url });
  }
  if (maskContentBytes !== undefined && maskImageId !== undefined)
    throw invalidRequest([{ param: "maskImageId", message: "Give the mask once: by content, or by ID." }]);
  if (maskImageId !== undefined)
    return { images, mask: await readMade(deps, caller, maskImageId, "maskImageId") };
  return { images, ...(maskContentBytes !== undefined && { mask: { b64_json: maskContentBytes } }) };
}

async function readMade(
  deps: SourceDeps,
  caller: string,
  imageId: string,
  param: string,
): Promise<ImageSource> {
  try {
    const [, image] = await findImage(deps, caller, imageId);
    return { b64_json: Buffer.from(await deps.images.read(image.blob)).toString("base64") };
  } catch (error) {
    if (error instanceof AppError && (error.code === "notFound" || error.code === "expired"))
      throw invalidRequest([{ param, message: `${param} names no image of yours that is still here.` }]);
    throw withParamName(param, error);
  }
}
