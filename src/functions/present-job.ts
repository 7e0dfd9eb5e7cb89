import type { Job } from "../contracts/http-api.ts";
import { thumbnailBlobName } from "../domain/blob-name.ts";
import { isTerminal, progressOf } from "../domain/image-job.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
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
  { slots }: JobProgress,
  origin: string,
): Promise<Job> {
  const stored = slots.flatMap((slot) => (slot.state === "stored" ? [slot] : []));
  const failed = slots.flatMap((slot) => (slot.state === "failed" ? [slot] : []));
  const byIndex = (a: { index: number }, b: { index: number }) => a.index - b.index;
  return withoutAbsent({
    id: job.id,
    kind: job.kind,
    status: job.status,
    model: job.model,
    deployment: job.deployment,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    progress: isTerminal(job.status) ? 1 : progressOf(job.request.n, slots.length),
    request: { ...job.request },
    tags: job.tags,
    metadata: job.metadata,
    images: await Promise.all(stored.sort(byIndex).map((image) => presentImage(images, job.id, image))),
    failures: failed.sort(byIndex).map(({ index, fault }) => ({ index, ...fault })),
    error: job.fault,
    usage: job.usage,
    repeated_calls: job.repeatedCalls,
    links: { self: `${origin}/api/jobs/${job.id}`, result: signedResult(signer, job.id, origin) },
  });
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
  const { index } = image;
  const [link, thumbnail] = await Promise.all([
    images.link(image.blob),
    image.hasThumbnails ? images.link(thumbnailBlobName(jobId, index, 512)) : undefined,
  ]);
  return withoutAbsent({
    index,
    url: link.url,
    url_expires_at: link.expiresAt.toISOString(),
    content_url: `/api/jobs/${jobId}/images/${index}`,
    thumbnail_url: thumbnail?.url,
    content_type: image.contentType,
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    sha256: image.sha256,
    revised_prompt: image.revisedPrompt,
  });
}
