import type { ZodOpenApiOperationObject, ZodOpenApiResponsesObject } from "zod-openapi";
import * as z from "zod";
import { errorReply, job } from "./http-api.ts";

/** What several operations of the document share. */

type Headers = Record<
  string,
  { description: string; required?: false; schema: { type: "string" | "integer" } }
>;

export const credentials = [{ apiKey: [] }, { bearer: [] }];
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
  "403": "The key or token may not do this; `message` names the scope, limit or subject.",
  "404": "No such job or image, or not yours.",
  "409": "Not as things stand: the job has ended already, or an input changed while it was read.",
  "410": "The job that was made under this Idempotency-Key is deleted; nothing is run again under it.",
  "413": "The body is too large.",
  "415":
    "The content type, the content encoding (gzip, deflate and br are taken), or the type of a file is not one that is read here.",
  "429":
    "Too much at once: of your open jobs, your jobs of this minute or your open uploads, or a turn that would come too late. Retry-After says when asking again may help; RateLimit and RateLimit-Policy name a limit of yours that is used up.",
  "422": "The Idempotency-Key was used for another request.",
};
export const failing = (...statuses: (keyof typeof errors)[]): ZodOpenApiResponsesObject => ({
  ...Object.fromEntries(
    // Where credentials are asked for, they may also be too little.
    statuses
      .flatMap((status) => (status === "401" ? [status, "403"] : [status]))
      .map((status) => [status, { description: errors[status] ?? "", content: json(errorReply) }]),
  ),
  default: { description: "Something failed here; `retryable` says what to do.", content: json(errorReply) },
});

export const jobId = z
  .string()
  .meta({ description: "Job id.", examples: ["job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k"] });

const idempotencyKeyHeader = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .optional()
  .meta({
    description:
      "Names the request: sent again within 24 hours, it is answered with the first one's job, and nothing runs twice.",
    examples: ["8e03978e-40d5-43e8-bc93-6894a57f9324"],
  });
export const keyed = { header: z.object({ "Idempotency-Key": idempotencyKeyHeader }) };
export const replayedHeader = {
  "Idempotency-Replayed": {
    description: "`true` when the job is that of an earlier request, which this one repeats.",
    required: false,
    schema: { type: "string" },
  },
} satisfies Headers;

export const signedQuery = z.object({
  expires: z.string().optional().meta({ description: "Part of a signed address." }),
  signature: z.string().optional().meta({ description: "Part of a signed address." }),
});

/** What every operation that accepts a job has: the choices to wait and to come again, and its answers. */
export const accepting = {
  requestParams: {
    header: keyed.header.extend({
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
    "200": {
      description: "The job has ended: while the caller waited, or before the request was repeated.",
      headers: replayedHeader,
      content: json(job),
    },
    "202": {
      description: "Accepted; poll Location.",
      headers: { ...headers, ...replayedHeader },
      content: json(job),
    },
    ...failing("400", "401", "410", "413", "415", "422", "429"),
  },
} satisfies Partial<ZodOpenApiOperationObject>;
