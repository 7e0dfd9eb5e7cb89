import { AppError, type ErrorCode } from "../domain/app-error.ts";
import { partError, withParamName } from "../domain/param-error.ts";
import { findImageOf } from "../jobs/find-image.ts";
import type { JobFinder } from "../jobs/find-job.ts";
import type { ImageStore } from "../ports/images.ts";

/**
 * The bytes of an image that a job of the caller has made. Throws `invalidRequest` for one that isn't there: somebody else's
 * is as unknown as one that never was, also to a token of another subject.
 */
export async function openMade(
  deps: JobFinder & { images: ImageStore },
  caller: string,
  image: { jobId: string; index: number },
  param: string,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    const [, { blob }] = await findImageOf(deps, caller, image);
    return inOnePiece(await deps.images.read(blob));
  } catch (error) {
    if (error instanceof AppError && isUnknown(error.code))
      throw partError(param, "invalidRequest", "names no image of yours that is still here");
    throw withParamName(param, error);
  }
}

const isUnknown = (code: ErrorCode): boolean => ["notFound", "forbidden", "expired"].includes(code);

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
