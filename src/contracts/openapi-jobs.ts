import type { ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { job } from "./http-api.ts";
import { jobEventReply } from "./job-events.ts";
import { credentials, failing, jobId, json, signedQuery } from "./openapi-parts.ts";

/** The paths by which a job is watched and stopped. */
export const jobPaths: ZodOpenApiPathsObject = {
  "/api/jobs/{id}/events": {
    get: {
      operationId: "watchJob",
      summary: "Watch a job",
      description:
        "Server-sent events: what has happened first, then the rest as it comes. The event that ends the job is the last. A stream that ends without it has reached the longest time that the platform holds a reply: open it again with Last-Event-ID.",
      security: [...credentials, {}],
      requestParams: {
        path: z.object({ id: jobId }),
        header: z.object({
          "Last-Event-ID": z.string().optional().meta({
            description: "Id of the last event that was seen; the next one is the first that comes.",
          }),
        }),
        query: signedQuery.extend({
          inline: z
            .enum(["0", "1"])
            .optional()
            .meta({ description: "1: partial images come with their bytes, as b64_json." }),
        }),
      },
      responses: {
        "200": {
          description: "The stream; each message's data is a JobEvent.",
          content: { "text/event-stream": { schema: jobEventReply } },
        },
        "204": { description: "The job has ended and Last-Event-ID is its last event." },
        ...failing("400", "401", "404"),
      },
    },
  },
  "/api/jobs/{id}/cancel": {
    post: {
      operationId: "cancelJob",
      summary: "Cancel a job",
      description:
        "Ends the job at once. Images that are stored stay; none is added. Calls on their way are cut off and may be billed all the same: unanswered_calls says how many.",
      requestParams: { path: z.object({ id: jobId }) },
      responses: {
        "200": { description: "The job, canceled now or before.", content: json(job) },
        ...failing("401", "404", "409"),
      },
    },
  },
};
