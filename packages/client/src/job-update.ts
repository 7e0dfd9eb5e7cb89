import type { Job, JobEvent } from "./types.ts";

/** A coarser picture of an image that is being made. */
export interface PartialImage {
  index: number;
  /** 0 for the coarsest. */
  partial_index: number;
  /** Read-only link; needs no credentials. */
  url: string;
}

/** What is known of a job. `job.waiting` has why it waits and until when, `job.estimated_end` when it will probably end. */
export interface JobUpdate {
  job: Job;
  /** The latest of each image that isn't there yet. */
  partials: readonly PartialImage[];
}

export function hasEnded({ status }: Job): boolean {
  return status === "succeeded" || status === "failed" || status === "canceled";
}

/** The update after an event. Events that are known already change nothing: a stream begins with the past. */
export function withEvent({ job, partials }: JobUpdate, event: JobEvent): JobUpdate {
  const { index, image, failure, url, partial_index } = event;
  if (event.job) return { job: event.job, partials: [] };
  if (event.type === "job.waiting" && event.waiting)
    return { job: { ...job, waiting: event.waiting }, partials };
  if (event.type === "job.running") return { job: { ...job, status: "running" }, partials };
  if (index === undefined) return { job, partials };

  const isSettled = [...job.images, ...job.failures].some((one) => one.index === index);
  if (isSettled) return { job, partials };
  const { waiting: _, ...active } = job;
  const others = partials.filter((one) => one.index !== index);
  if (url !== undefined && partial_index !== undefined)
    return { job: active, partials: [...others, { index, partial_index, url }].sort(byIndex) };
  const images = image ? [...job.images, image].sort(byIndex) : job.images;
  const failures = failure ? [...job.failures, failure].sort(byIndex) : job.failures;
  const settled = { ...active, images, failures };
  return { job: { ...settled, progress: progressOf(settled) }, partials: others };
}

function progressOf({ request, progress, images, failures }: Job): number {
  const wanted = request["n"];
  return typeof wanted === "number" ? Math.min((images.length + failures.length) / wanted, 1) : progress;
}

const byIndex = (a: { index: number }, b: { index: number }) => a.index - b.index;
