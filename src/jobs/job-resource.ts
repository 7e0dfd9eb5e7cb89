import type { Job } from "../contracts/http-api.ts";
import { thumbnailBlobName } from "../domain/blob-name.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { PartialImageEvent } from "../domain/job-event.ts";
import { digitalSourceTypeOf } from "../domain/provenance.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { storedImages, viewImage, viewJob } from "./job-view.ts";
import { type JobWaits, viewWait } from "./job-waits.ts";
import type { ResultSigner } from "../ports/callers.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobProgress, JobRecord, StoredImage } from "../ports/records.ts";
import type { Addressing } from "../http/origin-of.ts";

export interface JobResourceDeps extends Addressing {
  images: ImageStore;
  signer: ResultSigner;
  waits: JobWaits;
  /** How long an ended job is kept. */
  retentionDays: number;
}

/** The job as callers see it. Links are made here, at reading time. `origin` is where callers reach the app. */
export async function toJobResource(
  { images, signer, waits, retentionDays }: Omit<JobResourceDeps, "originOf">,
  job: JobRecord,
  progress: JobProgress,
  origin: string,
): Promise<Job> {
  const open = isTerminal(job.status) ? undefined : progress.partials;
  const partials = open && (await Promise.all(open.map((partial) => presentPartial(images, partial))));
  return {
    ...viewJob(job, progress, origin),
    ...(await viewWait(waits, job)),
    digital_source_type: digitalSourceTypeOf(job.kind),
    ...(job.finishedAt && { expires_at: expiryOf(job.finishedAt, retentionDays) }),
    images: await Promise.all(
      storedImages(progress).map((image) => presentImage(images, job.id, image, origin)),
    ),
    ...(partials && { partials }),
    links: presentLinks(signer, `${origin}/api/jobs/${job.id}`, job.id),
  };
}

const dayMs = 86_400_000;

function expiryOf(finishedAt: string, retentionDays: number): string {
  return new Date(Date.parse(finishedAt) + retentionDays * dayMs).toISOString();
}

/** Those to read need no other credentials: Logic Apps sends none with a poll, a browser none with a stream. */
export function presentLinks(signer: ResultSigner, self: string, jobId: string): Job["links"] {
  const { expires, signature } = signer.sign(jobId);
  const signed = `expires=${expires}&signature=${signature}`;
  return {
    self,
    result: `${self}/result?${signed}`,
    events: `${self}/events?${signed}`,
    cancel: `${self}/cancel`,
  };
}

/** A picture so far: a link to it, which is good for as long as it is kept. */
export async function presentPartial(
  images: ImageStore,
  { index, step, blob, contentType }: PartialImageEvent,
): Promise<NonNullable<Job["partials"]>[number]> {
  const link = await images.link(blob);
  return {
    index,
    partial_index: step,
    content_type: contentType,
    url: link.url,
    url_expires_at: link.expiresAt.toISOString(),
  };
}

export async function presentImage(
  images: ImageStore,
  jobId: string,
  image: StoredImage,
  origin: string,
): Promise<Job["images"][number]> {
  const [link, thumbnail] = await Promise.all([
    images.link(image.blob),
    image.hasThumbnails ? images.link(thumbnailBlobName(jobId, image.index, 512)) : undefined,
  ]);
  return withoutAbsent({
    ...viewImage(jobId, image, origin),
    url: link.url,
    url_expires_at: link.expiresAt.toISOString(),
    thumbnail_url: thumbnail?.url,
  });
}
