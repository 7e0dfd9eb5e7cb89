import { isEnded, type Job, type JobFailure, type JobImage } from "../api/types.ts";

import { type LiveJob, wanted } from "./live-job.ts";

/** One wanted image, as it stands. */
export type Slot = { index: number } & (
  | { state: "made"; image: JobImage }
  | { state: "refused" | "failed"; failure: JobFailure }
  | { state: "developing"; url: string; step: number }
  | { state: "waiting" | "none" }
);

/** Every slot of a job in order; `none` where the job ended before it. */
export function slotsOf({ job, partials }: LiveJob): Slot[] {
  return Array.from({ length: wanted(job) }, (_, index): Slot => {
    const image = job.images.find((one) => one.index === index);
    if (image) return { index, state: "made", image };
    const failure = job.failures.find((one) => one.index === index);
    if (failure) return { index, state: failure.code === "contentFilter" ? "refused" : "failed", failure };
    const partial = partials[index];
    if (partial) return { index, state: "developing", ...partial };
    return { index, state: isEnded(job) ? "none" : "waiting" };
  });
}

/** A text of the request, as it was asked. */
export function asked({ request }: { request: Record<string, unknown> }, field: string): string {
  const value = request[field];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Width through height of a job's frames: of what was made, else of what was asked; 1 where nobody knows. */
export function shapeOf({ request, images }: Pick<Job, "request" | "images">): number {
  const [made] = images;
  if (made) return made.width / made.height;
  const [width = 0, height = 0] = asked({ request }, "size").split("x").map(Number);
  return width > 0 && height > 0 ? width / height : 1;
}

/** Where an edit's picture came from, as the page noted it when it sent the edit. */
export const sourceKey = "gallery.source";

export function sourceOf({ metadata }: Pick<Job, "metadata">): { id: string; index: number } | undefined {
  const [, id, index] = /^(job_[a-z0-9]+)\/(\d+)$/.exec(metadata?.[sourceKey] ?? "") ?? [];
  return id === undefined ? undefined : { id, index: Number(index) };
}
