import type { ImageJob } from "../../contracts/connector.ts";
import { type ResultImage, toImageJob } from "../../contracts/connector-results.ts";
import { imageIdOf } from "../../domain/image-id.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import { storedImages, viewJob } from "../../job-view.ts";
import type { ImageStore } from "../../ports.ts";
import type { JobProgress, JobRecord, StoredImage } from "../../records.ts";

export interface JobPresenter {
  images: ImageStore;
}

// Base64 in JSON is held whole, several times over; and a workflow's message ends at 100 MB.
const mostContentBytes = 32 * 1024 * 1024;

/** The job as the connector's callers see it. Links are made here, at reading time; content is read if asked for. */
export async function presentImageJob(
  { images: store }: JobPresenter,
  job: JobRecord,
  progress: JobProgress,
  { includeContent = false } = {},
): Promise<ImageJob> {
  const stored = storedImages(progress);
  const images = await Promise.all(stored.map((image) => presentImage(store, job.id, image)));
  if (includeContent) await addContent(store, stored, images);
  return toImageJob(viewJob(job, progress), images);
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
  let room = mostContentBytes;
  for (const [at, { blob, bytes }] of stored.entries()) {
    const image = images[at];
    if (!image || bytes > room) continue;
    room -= bytes;
    image.contentBytes = Buffer.from(await store.read(blob)).toString("base64");
  }
}
