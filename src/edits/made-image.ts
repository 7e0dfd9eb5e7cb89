import type { ImageReference } from "../contracts/image-source.ts";
import { AppError, type ErrorCode } from "../domain/app-error.ts";
import { partError, withParamName } from "../domain/param-error.ts";
import { findImageOf } from "../jobs/find-image.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import type { ImageStore } from "../ports/images.ts";
import type { UploadStore } from "../ports/inputs.ts";
import { inOnePiece } from "./input-bytes.ts";

type OpenMadeDeps = JobFinder & { images: ImageStore; uploads: UploadStore };

/**
 * The bytes of an image that a job of the caller has made, or that it began with. Throws `invalidRequest` for one that isn't
 * there: somebody else's is as unknown as one that never was, also to a token of another subject.
 */
export async function openMade(
  deps: OpenMadeDeps,
  caller: string,
  { job_id: jobId, index = 0, input }: ImageReference,
  param: string,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    if (input !== undefined) return await openInput(deps, caller, jobId, input);
    const [, { blob }] = await findImageOf(deps, caller, { jobId, index });
    return inOnePiece(await deps.images.read(blob));
  } catch (error) {
    if (error instanceof AppError && isUnknown(error.code))
      throw partError(param, "invalidRequest", "names no image of yours that is still here");
    throw withParamName(param, error);
  }
}

async function openInput(
  deps: OpenMadeDeps,
  caller: string,
  jobId: string,
  input: number | "mask",
): Promise<AsyncIterable<Uint8Array>> {
  const [{ inputs }] = await findJobOf(deps, caller, jobId);
  const stored = input === "mask" ? inputs?.mask : inputs?.images[input];
  if (!stored) throw new AppError("notFound", "There is no such input.");
  const bytes = await deps.uploads.open({ container: "uploads", blob: stored.blob });
  if (!bytes) throw new AppError("expired", "Inputs are kept for a day.");
  return bytes;
}

const isUnknown = (code: ErrorCode): boolean => ["notFound", "forbidden", "expired"].includes(code);
