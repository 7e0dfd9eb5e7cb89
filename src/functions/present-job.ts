import type { Job } from "../contracts/http-api.ts";
import { thumbnailBlobName } from "../domain/blob-name.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { storedImages, viewImage, viewJob } from "../job-view.ts";
import type { ImageStore, ResultSigner } from "../ports.ts";
import type { JobProgress, JobRecord, StoredImage } from "../records.ts";

export interface Presenter {
  images: ImageStore;
  signer: ResultSigner;
}

/** The job as callers see it. Links are made here, at reading time. `origin` is the address the caller used. */
export async function presentJob(
  { images, signer }: Presenter,
  job: JobRecord,
  progress: JobProgress,
  origin: string,
): Promise<Job> {
  return {
    ...viewJob(job, progress),
    images: await Promise.all(storedImages(progress).map((image) => presentImage(images, job.id, image))),
    links: { self: `${origin}/api/jobs/${job.id}`, result: signedResult(signer, job.id, origin) },
  };
}

/** The address to poll; it needs no other credentials, as Logic Apps and browsers' redirects send none. */
function signedResult(signer: ResultSigner, jobId: string, origin: string): string {
  const { expires, signature } = signer.sign(jobId);
  return `${origin}/api/jobs/${jobId}/result?expires=${expires}&signature=${signature}`;
}

async function presentImage(
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
