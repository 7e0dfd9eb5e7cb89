import { imageIdOf } from "../../domain/image-id.ts";
import { type DigitalSourceType, digitalSourceTypeOf } from "../../domain/provenance.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import { costOf, failureOf, storedImages } from "../../jobs/job-view.ts";
import { type JobWaits, viewWait } from "../../jobs/job-waits.ts";
import type { ImageStore, ThumbnailMaker } from "../../ports/images.ts";
import type { JobProgress, JobRecord, StoredImage } from "../../ports/records.ts";
import { fileNameOf } from "../view.ts";
import type { McpTool } from "./serve.ts";

export interface AgentDeps {
  images: ImageStore;
  thumbnails: ThumbnailMaker;
  waits: JobWaits;
}
type Result = Awaited<ReturnType<McpTool["call"]>>;

// What a model reads costs its context: all pictures of a reply together, in base64.
const pictureCharacters = 40_000;
const sides = [256, 192, 128, 96, 64];

/** A job for a model to read: facts and links as text, then a small picture of each image. Never the files themselves. */
export async function presentForAgent(
  { images: store, thumbnails, waits }: AgentDeps,
  job: JobRecord,
  progress: JobProgress,
): Promise<Result> {
  const stored = storedImages(progress);
  const images = await Promise.all(
    stored.map(async (image) => {
      const { url, expiresAt } = await store.link(image.blob);
      return withoutAbsent({
        image_id: imageIdOf(job.id, image.index),
        url,
        url_expires_at: expiresAt.toISOString(),
        file_name: fileNameOf(job.id, image),
        width: image.width,
        height: image.height,
      });
    }),
  );
  const failures = progress.slots.flatMap((slot) =>
    slot.state === "failed"
      ? [{ index: slot.index, code: slot.failure.code, message: slot.failure.message }]
      : [],
  );
  const isLost = job.status === "failed" || job.status === "canceled";
  const { code, message } = isLost ? failureOf(job) : {};
  const isOpen = job.status === "queued" || job.status === "running";
  const facts = withoutAbsent({
    job_id: job.id,
    status: job.status,
    model: job.model || undefined,
    cost: costOf(job, progress.slots),
    ...(await viewWait(waits, job)),
    images,
    failures: failures.length > 0 ? failures : undefined,
    error: isLost ? { code, message } : undefined,
    next: isOpen ? "The job goes on: ask for it by get_job." : undefined,
  });
  const pictures = await Promise.all(
    stored.map((image) =>
      smallPicture(
        { store, thumbnails },
        image,
        digitalSourceTypeOf(job.kind),
        pictureCharacters / stored.length,
      ),
    ),
  );
  return {
    content: [
      { type: "text", text: JSON.stringify(facts) },
      ...pictures.flatMap((data) =>
        data === undefined ? [] : [{ type: "image" as const, data, mimeType: "image/webp" }],
      ),
    ],
    ...(job.status === "failed" && { isError: true }),
  };
}

/** The largest that has room; undefined for what can't be decoded, or is there no more: its link says so, too. */
async function smallPicture(
  { store, thumbnails }: { store: ImageStore; thumbnails: ThumbnailMaker },
  { blob }: StoredImage,
  sourceType: DigitalSourceType,
  room: number,
): Promise<string | undefined> {
  const bytes = await store.read(blob);
  // One at a time: nearly always the first has room.
  for (const side of sides) {
    const [small] = (await thumbnails.make(bytes, [side], sourceType)) ?? [];
    if (!small) return undefined;
    const text = Buffer.from(small).toString("base64");
    if (text.length <= room) return text;
  }
  return undefined;
}
