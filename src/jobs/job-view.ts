import type { Job } from "../contracts/http-api.ts";
import type { ContentFilters } from "../domain/content-filters.ts";
import { errorInfo, type ErrorInfo } from "../domain/app-error.ts";
import { isTerminal, type JobStatus, progressOf } from "../domain/image-job.ts";
import type { ImageRequest } from "../domain/image-request.ts";
import { actualCost, estimatedCost, toUnits } from "../domain/quota/prices.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type {
  EditInputs,
  JobProgress,
  JobRecord,
  SlotRecord,
  StoredImage,
  StoredInput,
} from "../ports/records.ts";

type FailedSlot = Extract<SlotRecord, { state: "failed" }>;

/** A job as others see it, but for its images and for whatever depends on who is looking: links and addresses. */
export function viewJob(job: JobRecord, { slots }: JobProgress, origin = ""): Omit<Job, "images" | "links"> {
  const failed = slots.flatMap((slot) => (slot.state === "failed" ? [slot] : []));
  return withoutAbsent({
    id: job.id,
    kind: job.kind,
    status: job.status,
    model: job.model || undefined,
    deployment: job.deployment || undefined,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    progress: isDone(job.status) ? 1 : progressOf(job.request.n, slots.length),
    priority: job.priority,
    request: viewRequest(job.request, job.inputs),
    requested: job.requested,
    tags: job.tags,
    metadata: job.metadata,
    failures: failed.sort(byIndex).map((slot) => viewFailure(job.id, slot, origin)),
    error: job.failure && viewError(job.failure),
    usage: job.usage,
    cost: costOf(job, slots),
    repeated_calls: job.repeatedCalls,
    webhook: job.webhook && { url: shownAddress(job.webhook.url), events: [...job.webhook.events] },
    unanswered_calls: job.unansweredCalls,
  });
}

/** In units of the currency. What is known after the end counts images that were made, or tokens where the price is by those. */
export function costOf(
  { price, request, status, usage }: JobRecord,
  slots: readonly SlotRecord[],
): Job["cost"] {
  if (!price) return undefined;
  const made = slots.filter(({ state }) => state === "stored").length;
  const tokens = usage && { input: usage.input_tokens, output: usage.output_tokens };
  const units = (micros: number | undefined) => (micros === undefined ? undefined : toUnits(micros));
  return withoutAbsent({
    currency: price.currency,
    estimated: units(estimatedCost(price, request.n)),
    actual: isTerminal(status) ? units(actualCost(price, made, tokens)) : undefined,
  });
}

/** A canceled job stays where it was stopped. */
function isDone(status: JobStatus): boolean {
  return status === "succeeded" || status === "failed";
}

/** Why a job that has ended is no success. */
export function failureOf({ status, failure }: Pick<JobRecord, "status" | "failure">): ErrorInfo {
  if (status === "canceled") return errorInfo("expired", "The job was canceled.");
  return failure ?? errorInfo("internal", "The job failed for a reason that was not recorded.");
}

/** What was found by content filters, in the words that Azure has for it. */
export function viewFilters(filters: ContentFilters | undefined) {
  return withoutAbsent({
    content_filter_results: filters?.image,
    prompt_filter_results: filters?.prompt,
  });
}

export function viewError({ code, message, retryable, filters }: ErrorInfo) {
  return { code, message, retryable, ...viewFilters(filters) };
}

function viewFailure(jobId: string, { index, failure, file }: FailedSlot, origin: string) {
  const kept = file && { content_url: contentUrlOf(jobId, index, origin), content_type: file.contentType };
  return { index, ...viewError(failure), ...kept };
}

function contentUrlOf(jobId: string, index: number, origin: string): string {
  return `${origin}/api/jobs/${jobId}/images/${index}`;
}

/** The facts of a stored image that hold wherever it is looked at. `origin` is where callers reach the app, as far as known. */
export function viewImage(jobId: string, image: StoredImage, origin: string) {
  return withoutAbsent({
    index: image.index,
    content_url: contentUrlOf(jobId, image.index, origin),
    content_type: image.contentType,
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    sha256: image.sha256,
    provenance: image.provenance,
    revised_prompt: image.revisedPrompt,
    ...viewFilters(image.filters),
  });
}

/** A job for a file that stays: no links, which die; each image names its blob instead. */
export function toStoredResult(job: JobRecord, progress: JobProgress, publicOrigin: string | undefined) {
  const images = storedImages(progress).map((image) => ({
    ...viewImage(job.id, image, publicOrigin ?? ""),
    blob: `images/${image.blob}`,
  }));
  return { ...viewJob(job, progress, publicOrigin), images };
}

export function storedImages({ slots }: JobProgress): StoredImage[] {
  return slots.flatMap((slot) => (slot.state === "stored" ? [slot] : [])).sort(byIndex);
}

/** Inputs are shown by what they are; where they stand is nobody's business. */
function viewRequest(request: ImageRequest, inputs: EditInputs | undefined): Job["request"] {
  // A file of the inbox that can't be read asks for no size.
  const { size, ...rest } = request;
  const asked = size === "" ? rest : request;
  if (!inputs) return { ...asked };
  const { images, mask } = inputs;
  return { ...asked, images: images.map(viewInput), ...(mask && { mask: viewInput(mask) }) };
}

function viewInput({ contentType, width, height, bytes, sha256 }: StoredInput) {
  return { content_type: contentType, width, height, bytes, sha256 };
}

/** Anyone who holds a signed address of the job sees this; what follows the host may be a receiver's secret. */
function shownAddress(address: string): string {
  const { origin, href } = new URL(address);
  return href === `${origin}/` ? href : `${origin}/…`;
}

function byIndex(a: { index: number }, b: { index: number }): number {
  return a.index - b.index;
}
