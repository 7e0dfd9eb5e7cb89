import { isEnded, type JobFailure, type JobImage } from "../api/types.ts";

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

/** Width through height of what was asked for; 1 where nobody knows. */
export function shapeOf({ request }: { request: Record<string, unknown> }): number {
  const [width = 0, height = 0] = asked({ request }, "size").split("x").map(Number);
  return width > 0 && height > 0 ? width / height : 1;
}

/** How many frames stand side by side, so that each is as large as a square of film lets it be. */
export function columnsFor(count: number, shape: number): number {
  const sideOf = (columns: number) => {
    const rows = Math.ceil(count / columns);
    return Math.min(1 / columns, shape / rows);
  };
  const choices = Array.from({ length: count }, (_, index) => index + 1);
  return choices.reduce((best, columns) => (sideOf(columns) >= sideOf(best) ? columns : best), 1);
}
