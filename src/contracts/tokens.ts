import type { ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { tokenScopes } from "../domain/identity.ts";
import { amountOfMoney, currency } from "./caller-limits.ts";
import { failing, json } from "./openapi-parts.ts";
import { tag } from "./requests.ts";

/** Tokens that apps carry in place of a key. */

export const maxTokenSeconds = 86_400;
const defaultTokenSeconds = 900;
const defaultTokenJobs = 20;

export const subject = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, "subject has 1 to 128 visible ASCII characters, without spaces");

export const tokenRequest = z
  .strictObject({
    subject: subject.meta({
      description:
        "Whose token it is: an opaque id of your user. Jobs and lists are the subject's own; the same subject finds them again.",
      examples: ["user-4711"],
    }),
    scopes: z
      .array(z.enum(tokenScopes))
      .min(1)
      .max(tokenScopes.length)
      .default([...tokenScopes])
      .meta({ description: "What it may do. Default: all three." }),
    expires_in: z
      .int()
      .min(60)
      .max(maxTokenSeconds)
      .default(defaultTokenSeconds)
      .meta({ description: "Its life in seconds, 60 to 86400. Default 900." }),
    max_jobs: z
      .int()
      .min(0)
      .max(10_000)
      .default(defaultTokenJobs)
      .meta({ description: "Jobs that it may have made in its life. Default 20." }),
    models: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(32)
      .optional()
      .meta({
        description: "Models that its jobs may run on. Without: all.",
        examples: [["gpt-image-2"]],
      }),
    tags: z
      .array(tag)
      .max(32)
      .optional()
      .meta({ description: "Tags that its jobs may have; an empty list allows none. Without: any." }),
    max_spend: z
      .strictObject({ amount: amountOfMoney, currency })
      .optional()
      .meta({
        description:
          "The most that its jobs may cost together, by PRICES; reserved and settled as a budget is. Without: as much as your own budget has left.",
        examples: [{ amount: 0.5, currency: "USD" }],
      }),
  })
  .meta({ id: "TokenRequest", description: "Body of POST /api/tokens." });
export type TokenRequest = z.infer<typeof tokenRequest>;

export const issuedToken = z
  .object({
    token: z
      .string()
      .meta({ description: "Sent as `Authorization: Bearer TOKEN`, wherever a key is taken." }),
    id: z.string(),
    subject: z.string(),
    scopes: z.array(z.enum(tokenScopes)),
    expires_at: z.iso.datetime(),
    max_jobs: z.int(),
    models: z.array(z.string()).optional(),
    tags: z.array(z.string()).optional(),
    max_spend: z.object({ amount: z.number(), currency: z.string() }).optional(),
  })
  .meta({ id: "IssuedToken" });
export type IssuedTokenReply = z.infer<typeof issuedToken>;

export const tokenPaths: ZodOpenApiPathsObject = {
  "/api/tokens": {
    post: {
      operationId: "createToken",
      summary: "Make a token for an app",
      description:
        "A short-lived token for one subject, to be put into an app in place of your key. It sees its subject's jobs and no other, and makes at most `max_jobs`, for at most `max_spend`. It ends with its time, or with the key that made it.",
      requestBody: { required: true, content: json(tokenRequest) },
      responses: {
        "201": { description: "The token; it is shown this once.", content: json(issuedToken) },
        ...failing("400", "401", "413", "415"),
      },
    },
  },
};
