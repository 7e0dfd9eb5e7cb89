import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { jobList } from "./http-api.ts";
import { jobListQuery } from "./list-query.ts";
import { failing, jobId, json } from "./openapi-parts.ts";

/** The part of the document that is about finding jobs and being rid of them. */
export const listPaths: ZodOpenApiPathsObject = {
  "/api/jobs": {
    get: {
      operationId: "listJobs",
      summary: "List jobs",
      description: "Newest first. Jobs that are added meanwhile come before the first page, never into it.",
      requestParams: { query: jobListQuery },
      responses: {
        "200": { description: "A page of the caller's jobs.", content: json(jobList) },
        ...failing("400", "401"),
      },
    },
  },
};

export const deleteJob: ZodOpenApiOperationObject = {
  operationId: "deleteJob",
  summary: "Delete a job",
  description: "Removes an ended job with its images, thumbnails and inputs, for good.",
  requestParams: { path: z.object({ id: jobId }) },
  responses: {
    "204": { description: "Deleted." },
    ...failing("401", "404"),
    "409": { ...failing("409")["409"], description: "The job has not ended yet; cancel it, or wait for it." },
  },
};
