import type { ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { shareSeconds } from "../domain/share.ts";
import { errorReply } from "./http-api.ts";
import { failing, jobId, json } from "./openapi-parts.ts";

export const shareRequest = z
  .strictObject({
    index: z.int().min(0).max(9).optional().meta({ description: "Which image of the job. Default 0." }),
    expires_in: z.int().min(shareSeconds.min).max(shareSeconds.max).optional().meta({
      description: "Seconds until the address is good no more. Default: as long as the job is kept.",
    }),
  })
  .meta({ id: "ShareRequest" });

export const share = z
  .object({
    id: z.string(),
    index: z.int(),
    url: z.url().meta({
      description:
        "The picture itself, for anyone who has this address: no key, no header. Good until it is revoked.",
    }),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().optional().meta({ description: "Absent: when its job goes." }),
  })
  .meta({ id: "Share" });
export type Share = z.infer<typeof share>;

export const shareList = z.object({ shares: z.array(share) }).meta({ id: "ShareList" });
export type ShareList = z.infer<typeof shareList>;

const shareId = z.string().meta({ description: "A share's id." });

export const sharePaths = {
  "/api/jobs/{id}/shares": {
    post: {
      operationId: "shareImage",
      summary: "Share an image",
      description:
        "An address that shows one image to anyone who has it, until it is revoked or the job is gone.",
      requestParams: { path: z.object({ id: jobId }) },
      requestBody: { required: true, content: json(shareRequest) },
      responses: {
        "201": { description: "The share.", content: json(share) },
        ...failing("400", "401", "404", "409", "413", "415"),
      },
    },
    get: {
      operationId: "listShares",
      summary: "List a job's shares",
      requestParams: { path: z.object({ id: jobId }) },
      responses: {
        "200": { description: "Those that are still good.", content: json(shareList) },
        ...failing("401", "404"),
      },
    },
  },
  "/api/jobs/{id}/shares/{share_id}": {
    delete: {
      operationId: "revokeShare",
      summary: "Revoke a share",
      requestParams: { path: z.object({ id: jobId, share_id: shareId }) },
      responses: {
        "204": { description: "Its address is good no more, and answers 410." },
        ...failing("401", "404"),
      },
    },
  },
  "/shared/{id}/{index}": {
    get: {
      operationId: "getSharedImage",
      summary: "Open a shared image",
      security: [],
      requestParams: {
        path: z.object({ id: jobId, index: z.int().min(0) }),
        query: z.object({ share: shareId, signature: z.string() }),
      },
      responses: {
        "200": {
          description: "The image.",
          headers: { ETag: { description: "Ask again with If-None-Match.", schema: { type: "string" } } },
          content: { "image/*": { schema: z.string().meta({ format: "binary" }) } },
        },
        "206": { description: "The part of it that `Range` names." },
        "304": { description: "The cache has it already (`If-None-Match`)." },
        "416": { description: "There is no such part (`Range`)." },
        ...failing("401", "404"),
        "410": {
          description: "The share was revoked or has expired, or its job is gone.",
          content: json(errorReply),
        },
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
