import type { Job } from "../contracts/http-api.ts";
import { thumbnailBlobName } from "../domain/blob-name.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { storedImages, viewImage, viewJob } from "./job-view.ts";
import type { JobWaits } from "./job-waits.ts";
import type { ResultSigner } from "../ports/callers.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobProgress, JobRecord, StoredImage } from "../ports/records.ts";
import type { Addressing } from "../http/origin-of.ts";

export interface JobResourceDeps extends Addressing {
  images: ImageStore;
  signer: ResultSigner;
  waits: JobWaits;
}

/** The job as callers see it. Links are made here, at reading time. `origin` is where callers reach the app. */
export async function toJobResource(
  { images, signer, waits }: Omit<JobResourceDeps, "originOf">,
  job: JobRecord,
  progress: JobProgress,
  origin: string,
): Promise<Job> {
  const wait = await waits.of(job);
  return {
    ...viewJob(job, progress),
    ...(wait?.waiting && { waiting: wait.waiting }),
    ...(wait && { estimated_end: new Date(wait.endsAt).toISOString() }),
    images: await Promise.all(storedImages(progress).map((image) => presentImage(images, job.id, image))),
    links: presentLinks(signer, `${origin}/api/jobs/${job.id}`, job.id),
  };
}

/** Those to read need no other credentials: Logic Apps sends none with a poll, a browser none with a stream. */
function presentLinks(signer: ResultSigner, self: string, jobId: string): Job["links"] {
  const { expires, signature } = signer.sign(jobId);
  const signed = `expires=${expires}&signature=${signature}`;
  return {
    self,
    result: `${self}/result?${signed}`,
    events: `${self}/events?${signed}`,
    cancel: `${self}/cancel`,
  };
}

export async function presentImage(
  images: ImageStore,
  jobId: string,
  image: StoredImage,
): Promise<Job["images"][number]> {
  const [link, thumbnail] = await Promise.all([
    images.link(image.blob),
    image.hasThumbnails ? images.link(thumbnailBlobName(jobId, image.index, 512)) : undefined,
  ]);
  return withoutAbsent({
    ...viewImage(jobId, image),
    url: link.url,
    url_expires_at: link.expiresAt.toISOString(),
    thumbnail_url: thumbnail?.url,
  });
}
