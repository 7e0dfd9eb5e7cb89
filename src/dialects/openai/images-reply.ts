import type { ResolvedDeployment } from "../../domain/deployment.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import { storedImages, viewFilters } from "../../jobs/job-view.ts";
import type { ImageStore } from "../../ports/images.ts";
import type { JobProgress, JobRecord, StoredImage } from "../../ports/records.ts";
import { type PictureDeps, pictureUrl } from "../picture-get.ts";
import type { ImageEntry, ImagesReply, ResponseFormat } from "./shapes.ts";

/** What a client is to see of a job's images. */
export interface ReplyView {
  format: ResponseFormat;
  origin: string;
  showsFilters: boolean;
}

/** What a client gets that says nothing: a link from models that know both forms, bytes from the others. */
export function defaultFormat({ capability }: ResolvedDeployment): ResponseFormat {
  return capability.responseFormats ? "url" : "b64_json";
}

/** OpenAI's answer with a job's images: those that were made, which may be fewer than were asked for. */
export async function imagesReply(
  deps: Pick<PictureDeps, "pictureSigner"> & { images: ImageStore },
  job: JobRecord,
  progress: JobProgress,
  { format, origin, showsFilters }: ReplyView,
): Promise<ImagesReply> {
  const show = async (image: StoredImage): Promise<ImageEntry> => {
    const { index, revisedPrompt, filters } = image;
    const content =
      format === "url"
        ? { url: pictureUrl(deps, origin, { jobId: job.id, index }) }
        : { b64_json: await base64Of(deps.images, image) };
    return withoutAbsent({
      ...content,
      revised_prompt: revisedPrompt,
      ...(showsFilters && viewFilters(filters)),
    });
  };
  return withoutAbsent({
    created: Math.floor(Date.parse(job.finishedAt ?? job.createdAt) / 1000),
    data: await Promise.all(storedImages(progress).map(show)),
    usage: job.usage,
    ...settingsOf(job),
  });
}

export async function base64Of(images: ImageStore, { blob }: Pick<StoredImage, "blob">): Promise<string> {
  return Buffer.from(await images.read(blob)).toString("base64");
}

/** What gpt-image's answers repeat of the request; those of DALL-E never had it. */
export function settingsOf({ request, requested, model }: JobRecord) {
  if ((requested?.model ?? model).startsWith("dall-e")) return {};
  const { size, quality, background, output_format } = { ...request, ...requested };
  return withoutAbsent({ size, quality, background, output_format });
}
