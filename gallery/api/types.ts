import type { ErrorReply, Job, ModelList } from "../../src/contracts/http-api.ts";

/** The shapes that the app itself answers with; types alone, so that no schema travels to the browser. */

export type { Job };
export type Model = ModelList["models"][number];
export type JobImage = Job["images"][number];
export type JobFailure = Job["failures"][number];
export type ErrorBody = ErrorReply["error"];

export interface JobPage {
  jobs: Job[];
  next_cursor?: string;
}

/** What GET /api/jobs/{id}/events tells; each line of its data, by type. */
export type JobNews =
  | { type: "job.queued" | "job.running" }
  | { type: "job.waiting"; waiting: NonNullable<Job["waiting"]> }
  | { type: "image.partial"; index: number; partial_index: number; url?: string }
  | { type: "image.succeeded"; index: number; image: JobImage }
  | { type: "image.refused" | "image.failed"; index: number; failure: JobFailure }
  | { type: "job.succeeded" | "job.failed" | "job.canceled"; job: Job };

export const isEnded = ({ status }: Pick<Job, "status">): boolean =>
  status === "succeeded" || status === "failed" || status === "canceled";
