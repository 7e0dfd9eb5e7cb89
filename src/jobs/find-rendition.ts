import { AppError } from "../domain/app-error.ts";
import { renditionBlobName } from "../domain/blob-name.ts";
import { digitalSourceTypeOf } from "../domain/provenance.ts";
import type { Rendition } from "../domain/rendition.ts";
import type { ImageStore, RenditionMaker } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { JobRecord, StoredImage } from "../ports/records.ts";

export interface RenditionDeps {
  jobs: JobStore;
  images: ImageStore;
  renditions: RenditionMaker;
}

/** A picture's rendition, which is made and stored when it isn't there yet. Throws `notFound` for one that can't be made. */
export async function findRendition(
  { jobs, images, renditions }: RenditionDeps,
  job: Pick<JobRecord, "id" | "kind">,
  image: StoredImage,
  rendition: Rendition,
): Promise<Uint8Array> {
  const name = renditionBlobName(job.id, image.index, rendition);
  const stored = await readIfThere(images, name);
  if (stored) return stored;
  const bytes = await renditions.make(
    await images.read(image.blob),
    rendition,
    digitalSourceTypeOf(job.kind),
  );
  if (!bytes)
    throw new AppError("notFound", `Image ${image.index} can't be made anew: its pixels can't be read.`);
  await images.put(name, bytes, { contentType: `image/${rendition.format}` });
  // Anyone who writes for a job that is being deleted removes that again.
  if (await jobs.isDeleted(job.id)) {
    await images.remove(name);
    throw new AppError("expired", "This image is gone.");
  }
  return bytes;
}

async function readIfThere(images: ImageStore, name: string): Promise<Uint8Array | undefined> {
  try {
    return await images.read(name);
  } catch (error) {
    if (error instanceof AppError && error.code === "expired") return undefined;
    throw error;
  }
}
