import type { WebhookEvent } from "./webhook.ts";
import { withoutAbsent } from "./without-absent.ts";

/** Receivers that are built on queues and tables take a few kilobytes; a message is a notice, not an archive. */
export const maxBodyBytes = 4_096;

/** The parts of a job that may be long. Whatever else it has is short by what requests may hold. */
export interface ToldJob {
  request: Record<string, unknown>;
  images: { index: number; thumbnail_url?: string }[];
  failures: { index: number; code: string; message: string }[];
  metadata?: Record<string, string> | undefined;
  error?: { code: string; message: string } | undefined;
}

export interface WebhookMessage {
  type: WebhookEvent;
  timestamp: string;
  truncated?: true;
  data: object;
}

const shortText = 200;

/**
 * The message of a job's end as JSON, in at most 4 KB. One that is longer says `truncated`, and loses the least telling
 * things first: addresses of thumbnails, what content filters found, the rest of long texts, then all texts of images and failures and what the images are, then the request,
 * and the caller's own metadata last.
 */
export function webhookBody(type: WebhookEvent, timestamp: string, job: ToldJob): string {
  const whole: WebhookMessage = { type, timestamp, data: job };
  const shortened = shorten(job).map((data): WebhookMessage => ({ type, timestamp, truncated: true, data }));
  const bodies = [whole, ...shortened].map((message) => JSON.stringify(message));
  const fitting = bodies.find((body) => new TextEncoder().encode(body).length <= maxBodyBytes);
  return fitting ?? bodies.at(-1) ?? "";
}

/** The same job, ever shorter. */
function shorten(job: ToldJob): object[] {
  const withoutThumbnails = {
    ...job,
    images: job.images.map((image) => withoutAbsent({ ...image, thumbnail_url: undefined })),
  };
  const bareVerdicts = {
    ...job,
    images: withoutThumbnails.images.map(withoutFilters),
    failures: job.failures.map((failure) => withoutFilters({ ...failure })),
    ...(job.error && { error: withoutFilters({ ...job.error }) }),
  };
  const cutTexts = {
    ...bareVerdicts,
    request: cutStrings(job.request),
    images: bareVerdicts.images.map(cutStrings),
    failures: bareVerdicts.failures.map(cutStrings),
    ...(bareVerdicts.error && { error: cutStrings({ ...bareVerdicts.error }) }),
  };
  const bareImages = {
    ...cutTexts,
    images: job.images.map(({ index }) => ({ index })),
    failures: job.failures.map(({ index, code }) => ({ index, code })),
  };
  const withoutRequest = withoutAbsent({ ...bareImages, request: undefined });
  const withoutMetadata = withoutAbsent({ ...withoutRequest, metadata: undefined });
  return [withoutThumbnails, bareVerdicts, cutTexts, bareImages, withoutRequest, withoutMetadata];
}

function withoutFilters(facts: Record<string, unknown>): Record<string, unknown> {
  return withoutAbsent({ ...facts, content_filter_results: undefined, prompt_filter_results: undefined });
}

function cutStrings(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === "string" ? cut(value) : value]),
  );
}

/** Never in the middle of a surrogate pair: half a character is no text that can be sent. */
function cut(text: string): string {
  if (text.length <= shortText) return text;
  return `${text.slice(0, shortText - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
