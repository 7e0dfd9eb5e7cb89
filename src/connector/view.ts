import type { ImageJob, ImageOutcome, ImageResult } from "./contracts/schemas.ts";
import { type ResultImage, toImageJob, toImageOutcome, toImageResult } from "./contracts/results.ts";
import { AppError } from "../domain/app-error.ts";
import { imageIdOf } from "../domain/image-id.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { storedImages, viewJob, failureOf } from "../jobs/job-view.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobProgress, JobRecord, StoredImage } from "../ports/records.ts";

export interface JobPresenter {
  images: ImageStore;
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
  return toImageJob(viewJob(job, progress), await presentImages(presenter, job.id, progress, wanted));
}

/** As above, of a job that has ended. */
export async function presentImageResult(
  presenter: JobPresenter,
  job: JobRecord,
  progress: JobProgress,
  wanted?: Wanted,
): Promise<ImageResult> {
  return toImageResult(viewJob(job, progress), await presentImages(presenter, job.id, progress, wanted));
}

/** As above, of a job that has ended in whatever way: what a callback is told. */
export async function presentImageOutcome(
  presenter: JobPresenter,
  job: JobRecord,
  progress: JobProgress,
  wanted?: Wanted,
): Promise<ImageOutcome> {
  const images = await presentImages(presenter, job.id, progress, wanted);
  const failure = job.status === "succeeded" ? undefined : failureOf(job);
  return toImageOutcome(viewJob(job, progress), images, failure);
}

/** For the core, which sends callbacks and knows nothing of their contract. */
export const callbackBodyWith =
  (presenter: JobPresenter) =>
  (job: JobRecord, progress: JobProgress, wanted: Wanted): Promise<ImageOutcome> =>
    presentImageOutcome(presenter, job, progress, wanted);

async function presentImages(
  { images: store }: JobPresenter,
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
    contentType: image.contentType,
    width: image.width,
    height: image.height,
    revisedPrompt: image.revisedPrompt,
  });
}

/** In order, one after the other, while they fit: an image that is left out has its link. */
async function addContent(store: ImageStore, stored: StoredImage[], images: ResultImage[]): Promise<void> {
  let room = maxContentBytes;
  for (const [at, { blob, bytes }] of stored.entries()) {
    const image = images[at];
    if (!image || bytes > room) continue;
    const content = await contentOf(store, blob);
    if (!content) continue;
    room -= bytes;
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
