import type { CreatedImages, ImageJob, ImageOutcome, ImageResult } from "./contracts/schemas.ts";
import { type ResultImage, toCreatedImages, toImageJob, toImageResult } from "./contracts/results.ts";
import { AppError, type ErrorInfo } from "../domain/app-error.ts";
import { imageIdOf } from "../domain/image-id.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { storedImages, viewJob, failureOf } from "../jobs/job-view.ts";
import { type JobWaits, viewWait } from "../jobs/job-waits.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobProgress, JobRecord, StoredImage } from "../ports/records.ts";

export interface ImagePresenter {
  images: ImageStore;
}

export interface JobPresenter extends ImagePresenter {
  waits: JobWaits;
}

// Base64 in JSON is held whole, several times over; and a workflow's message ends at 100 MB.
const maxContentBytes = 32 * 1024 * 1024;

/** What a caller wants to see of images. */
export interface Wanted {
  includeContent?: boolean;
}

/** The job as the connector's callers see it. Links are made here, at reading time; content is read if asked for. */
export async function presentImageJob(
  presenter: JobPresenter,
  job: JobRecord,
  progress: JobProgress,
  wanted?: Wanted,
): Promise<ImageJob> {
  const images = await presentImages(presenter, job.id, progress, wanted);
  const wait = await viewWait(presenter.waits, job);
  return toImageJob({ ...shownJob(job, progress), ...wait }, images, endedBy(job));
}

/** As above, of a job that has ended, in whatever way: what an action and a callback are told. */
export async function presentImageResult(
  presenter: ImagePresenter,
  job: JobRecord,
  progress: JobProgress,
  wanted?: Wanted,
): Promise<ImageResult> {
  const images = await presentImages(presenter, job.id, progress, wanted);
  return toImageResult(shownJob(job, progress), images, endedBy(job));
}

/** The images of a job that has ended, each with what is worth knowing of the job. */
export async function presentCreatedImages(
  presenter: ImagePresenter,
  job: JobRecord,
  progress: JobProgress,
): Promise<CreatedImages["value"]> {
  return toCreatedImages(shownJob(job, progress), await presentImages(presenter, job.id, progress));
}

/** For the core, which sends callbacks and knows nothing of their contract. */
export const callbackBodyWith =
  (presenter: ImagePresenter) =>
  (job: JobRecord, progress: JobProgress, wanted: Wanted): Promise<ImageOutcome> =>
    presentImageResult(presenter, job, progress, wanted);

function shownJob(job: JobRecord, progress: JobProgress) {
  return { ...viewJob(job, progress), prompt: job.request.prompt };
}

/** Why there are no images, of a job that will have none. */
function endedBy(job: JobRecord): ErrorInfo | undefined {
  return job.status === "failed" || job.status === "canceled" ? failureOf(job) : undefined;
}

async function presentImages(
  { images: store }: ImagePresenter,
  jobId: string,
  progress: JobProgress,
  { includeContent = false }: Wanted = {},
): Promise<ResultImage[]> {
  const stored = storedImages(progress);
  const images = await Promise.all(stored.map((image) => presentImage(store, jobId, image)));
  if (includeContent) await addContent(store, stored, images);
  return images;
}

async function presentImage(store: ImageStore, jobId: string, image: StoredImage): Promise<ResultImage> {
  const link = await store.link(image.blob);
  return withoutAbsent({
    index: image.index,
    imageId: imageIdOf(jobId, image.index),
    url: link.url,
    urlExpiresOn: link.expiresAt.toISOString(),
    fileName: fileNameOf(jobId, image),
    contentType: image.contentType,
    width: image.width,
    height: image.height,
    revisedPrompt: image.revisedPrompt,
  });
}

/** Unique, and with the type that tells programs what it is. */
export function fileNameOf(jobId: string, { index, blob }: Pick<StoredImage, "index" | "blob">): string {
  return `${imageIdOf(jobId, index)}${blob.slice(blob.lastIndexOf("."))}`;
}

/**
 * In order, one after the other, while they fit: an image that is left out has its link. The first one counts twice, since
 * it is told beside the list as well.
 */
async function addContent(store: ImageStore, stored: StoredImage[], images: ResultImage[]): Promise<void> {
  let room = maxContentBytes;
  for (const [at, { blob, bytes }] of stored.entries()) {
    const image = images[at];
    const counted = at === 0 ? 2 * bytes : bytes;
    if (!image || counted > room) continue;
    const content = await contentOf(store, blob);
    if (!content) continue;
    room -= counted;
    image.contentBytes = Buffer.from(content).toString("base64");
  }
}

/** Undefined for an image that has had its time: what is left of its job is told all the same. */
async function contentOf(store: ImageStore, blob: string): Promise<Uint8Array | undefined> {
  try {
    return await store.read(blob);
  } catch (error) {
    if (error instanceof AppError && error.code === "expired") return undefined;
    throw error;
  }
}
