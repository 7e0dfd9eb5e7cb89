import type { ZodOpenApiOperationObject, ZodOpenApiResponsesObject } from "zod-openapi";
import * as z from "zod";
import { errorReply, job } from "./http-api.ts";

/** What several operations of the document share. */

type Headers = Record<string, { description: string; schema: { type: "string" | "integer" } }>;

export const json = (schema: z.ZodType) => ({ "application/json": { schema } });
export const headers = {
  Location: {
    description: "Signed, absolute address to poll; needs no credentials.",
    schema: { type: "string" },
  },
  "Retry-After": { description: "Seconds to wait before the next poll.", schema: { type: "integer" } },
} satisfies Headers;

const errors: Record<string, string> = {
  "400": "The request breaks a rule; `param` and `allowed` say which.",
  "401": "No credentials, or wrong ones.",
  "404": "No such job or image, or not yours.",
  "409": "An input was removed or overwritten while it was read; send the request again.",
  "413": "The body is too large.",
  "415": "The content type, or the type of a file, is not one that is read here.",
};
export const failing = (...statuses: (keyof typeof errors)[]): ZodOpenApiResponsesObject => ({
  ...Object.fromEntries(
    statuses.map((status) => [status, { description: errors[status] ?? "", content: json(errorReply) }]),
  ),
  default: { description: "Something failed here; `retryable` says what to do.", content: json(errorReply) },
});

export const jobId = z
  .string()
  .meta({ description: "Job id.", examples: ["job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k"] });

/** What every operation that accepts a job has: the choice to wait, and its answers. */
export const accepting = {
  requestParams: {
    header: z.object({
      Prefer: z
        .string()
        .optional()
        .meta({
          description:
            "wait=N holds the reply for up to N seconds (at most 200) and answers 200 if the job ends in time.",
          examples: ["wait=30"],
        }),
    }),
  },
  responses: {
    "200": { description: "The job ended while the caller waited.", content: json(job) },
    "202": { description: "Accepted; poll Location.", headers, content: json(job) },
    ...failing("400", "401", "413", "415"),
  },
} satisfies Partial<ZodOpenApiOperationObject>;
