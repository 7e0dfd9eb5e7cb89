import type { ImageSource } from "../contracts/image-source.ts";
import type { EditRequest } from "../contracts/requests.ts";
import { inputBlobName } from "../domain/blob-name.ts";
import { tagOfId } from "../domain/job-id.ts";
import type { EditLimits } from "../domain/model-catalogue.ts";
import type { JobFinder } from "../jobs/find-job.ts";
import type { ImageStore } from "../ports/images.ts";
import type { ImageFetcher, UploadStore } from "../ports/inputs.ts";
import { decodeInline } from "./inline-image.ts";
import { openMade } from "./made-image.ts";
import { withParamName, partError } from "../domain/param-error.ts";
import type { ReceivedInputs } from "./prepare-inputs.ts";
import { type Arrival, inspectUpload, limitsFor, type ReceivedInput, receiveInput } from "./receive-input.ts";

export interface Reading extends JobFinder {
  uploads: UploadStore;
  fetcher: ImageFetcher;
  images: ImageStore;
}

/** Brings the inputs that a JSON request names into `uploads`, one after the other, in order. */
export async function readSources(
  deps: Reading,
  { images, mask }: Pick<EditRequest, "images" | "mask">,
  job: { id: string; caller: string; limits: EditLimits },
): Promise<ReceivedInputs> {
  const read = (source: ImageSource, param: string, part: number | "mask") => {
    const role = part === "mask" ? part : "image";
    const blob = inputBlobName(job.id, part, "received");
    return readSource(deps, job.caller, source, { param, role, blob, limits: limitsFor(role, job.limits) });
  };
  const received: ReceivedInput[] = [];
  for (const [index, source] of images.entries()) received.push(await read(source, `images.${index}`, index));
  return { images: received, mask: mask && (await read(mask, "mask", "mask")) };
}

async function readSource(
  deps: Reading,
  caller: string,
  source: ImageSource,
  arrival: Arrival,
): Promise<ReceivedInput> {
  if (source.upload_id !== undefined)
    return readUpload(deps, caller, source.upload_id, named(arrival, "upload_id"));
  if (source.url !== undefined) return fetchImage(deps, source.url, named(arrival, "url"));
  if (source.job_id !== undefined) {
    const made = named(arrival, "job_id");
    const reference = { ...source, job_id: source.job_id };
    return receiveInput(deps.uploads, made, await openMade(deps, caller, reference, made.param));
  }
  const inline = named(arrival, "b64_json");
  return receiveInput(deps.uploads, inline, decodeInline(source.b64_json ?? "", inline.param));
}

async function readUpload(
  { uploads, ids }: Reading,
  caller: string,
  uploadId: string,
  arrival: Arrival,
): Promise<ReceivedInput> {
  // The tag inside an upload's id is its owner's: somebody else's is as unknown as one that never was.
  const isOwn = tagOfId("upload", uploadId) === ids.tagOf(caller);
  const found = isOwn
    ? await inspectUpload(uploads, arrival, { container: "uploads", blob: uploadId })
    : undefined;
  if (found) return found;
  const detail = "names no upload of yours that has arrived; uploads are kept for a day";
  throw partError(arrival.param, "invalidRequest", detail);
}

async function fetchImage(
  { uploads, fetcher }: Reading,
  url: string,
  arrival: Arrival,
): Promise<ReceivedInput> {
  let bytes: AsyncIterable<Uint8Array>;
  try {
    bytes = await fetcher.open(url);
  } catch (error) {
    throw withParamName(arrival.param, error);
  }
  return receiveInput(uploads, arrival, bytes);
}

function named(arrival: Arrival, field: string): Arrival {
  return { ...arrival, param: `${arrival.param}.${field}` };
}
