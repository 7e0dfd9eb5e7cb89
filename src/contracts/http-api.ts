import * as z from "zod";
import { faultCodes, type FaultCode } from "../domain/fault.ts";
import { jobStatuses } from "../domain/image-job.ts";

/** Every shape of the HTTP surface. Requests are parsed strictly; replies are typed and documented by the same schemas. */

const tag = z.string().regex(/^[\w.:-]{1,64}$/, "a tag has 1 to 64 letters, digits or . _ : -");

// A job's facts share one column of 32 K characters.
const longestMetadata = 16_384;

export const generationRequest = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({
        description:
          "Model to run. Without model and deployment, the first deployed model that can do all that is asked.",
        examples: ["dall-e-3"],
      }),
    deployment: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ description: "A configured deployment, by its name." }),
    prompt: z
      .string()
      .meta({ description: "What to draw.", examples: ["A multi-colored umbrella on the beach"] }),
    n: z
      .int()
      .min(1)
      .max(10)
      .optional()
      .meta({ description: "Images wanted, 1 to 10. Default 1.", examples: [4] }),
    size: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "WIDTHxHEIGHT as the model allows.", examples: ["1024x1024"] }),
    quality: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "As the model allows.", examples: ["hd"] }),
    style: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "dall-e-3: vivid or natural.", examples: ["vivid"] }),
    response_format: z.string().max(64).optional().meta({
      description: "Accepted where the model knows it (url or b64_json). Darkroom always answers with links.",
    }),
    background: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "gpt-image: transparent, opaque or auto." }),
    moderation: z.string().max(64).optional().meta({ description: "gpt-image: auto or low." }),
    output_format: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "gpt-image: png or jpeg.", examples: ["png"] }),
    output_compression: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .meta({ description: "gpt-image with jpeg: 0 to 100." }),
    user: z
      .string()
      .max(512)
      .optional()
      .meta({ description: "Opaque id of your end user, passed to the service." }),
    prompt_mode: z.enum(["default", "as_is"]).optional().meta({
      description: "as_is asks dall-e-3 to use the prompt as it stands instead of rewriting it.",
    }),
    tags: z
      .array(tag)
      .max(8)
      .optional()
      .meta({ description: "Up to 8 words to find the job by.", examples: [["demo"]] }),
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(512))
      .refine((pairs) => Object.keys(pairs).length <= 16, "metadata holds at most 16 pairs")
      .refine(
        (pairs) => JSON.stringify(pairs).length <= longestMetadata,
        `metadata has at most ${longestMetadata} characters as JSON`,
      )
      .optional()
      .meta({
        description: `Up to 16 string pairs that are given back with the job; ${longestMetadata} characters as JSON.`,
      }),
  })
  .meta({ id: "GenerationRequest", description: "Body of POST /api/images/generations." });
export type GenerationRequest = z.infer<typeof generationRequest>;

const faultCode = z.enum(Object.keys(faultCodes) as [FaultCode, ...FaultCode[]]);

const image = z
  .object({
    index: z.int(),
    url: z
      .url()
      .meta({ description: "Read-only link to the image. Needs no credentials, dies at url_expires_at." }),
    url_expires_at: z.iso.datetime(),
    content_url: z.string().meta({ description: "Address that never dies: answers 302 to a fresh link." }),
    thumbnail_url: z
      .url()
      .optional()
      .meta({ description: "Link to a webp of at most 512 px, once it is made." }),
    content_type: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    revised_prompt: z.string().optional(),
  })
  .meta({ id: "Image" });

const failure = z
  .object({ index: z.int(), code: faultCode, message: z.string(), retryable: z.boolean() })
  .meta({ id: "Failure" });

const usage = z
  .object({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() })
  .meta({ id: "Usage", description: "Tokens, summed over the job's calls, where the service tells." });
export type Usage = z.infer<typeof usage>;

export const job = z
  .object({
    id: z.string().meta({ examples: ["job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k"] }),
    kind: z.enum(["generation", "edit"]),
    status: z.enum(jobStatuses),
    model: z.string(),
    deployment: z.string(),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().optional(),
    finished_at: z.iso.datetime().optional(),
    progress: z.number().min(0).max(1),
    request: z.record(z.string(), z.unknown()).meta({ description: "What was asked, defaults filled in." }),
    tags: z.array(z.string()).optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    images: z.array(image),
    failures: z.array(failure),
    error: z
      .object({ code: faultCode, message: z.string(), retryable: z.boolean() })
      .optional()
      .meta({ description: "Why no image came of it; only on a failed job." }),
    usage: usage.optional(),
    repeated_calls: z.int().optional().meta({
      description:
        "Upstream calls made again because the end of an earlier one is unknown; each may be billed twice.",
    }),
    links: z.object({ self: z.url(), result: z.url() }),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof job>;

export const errorReply = z
  .object({
    error: z.object({
      code: faultCode,
      message: z.string(),
      param: z.string().optional().meta({ description: "The field at fault, as written in the request." }),
      allowed: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
      details: z
        .array(
          z.object({
            param: z.string(),
            message: z.string(),
            allowed: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
          }),
        )
        .optional()
        .meta({ description: "Every broken rule, when there is more than one." }),
      retryable: z.boolean(),
      request_id: z.string(),
    }),
  })
  .meta({ id: "Error" });
export type ErrorReply = z.infer<typeof errorReply>;

export const failedResult = errorReply
  .extend({ job })
  .meta({ id: "FailedResult", description: "A job that ended without an image: its reason, and the job." });

export const modelList = z
  .object({
    models: z.array(
      z.object({
        model: z.string(),
        deployments: z.array(z.string()),
        protocol: z.enum(["submit-poll", "one-per-call", "many-per-call"]),
        prompt_limit: z.int(),
        max_images: z.int(),
        sizes: z.array(z.string()),
        qualities: z.array(z.string()).optional(),
        styles: z.array(z.string()).optional(),
        backgrounds: z.array(z.string()).optional(),
        moderations: z.array(z.string()).optional(),
        output_formats: z.array(z.string()).optional(),
        response_formats: z.array(z.string()).optional(),
        input_fidelities: z.array(z.string()).optional(),
        edits: z.boolean(),
        edit_limits: z
          .object({
            images: z.int(),
            input_types: z.array(z.string()),
            image_bytes: z.int(),
            mask_bytes: z.int(),
            default_size: z.string(),
          })
          .optional()
          .meta({ description: "What an edit may bring; absent where the model can't edit." }),
        streaming: z.boolean(),
        defaults: z.record(z.string(), z.string()),
      }),
    ),
  })
  .meta({ id: "ModelList" });
export type ModelList = z.infer<typeof modelList>;

export const health = z
  .object({
    status: z.enum(["ok", "degraded"]),
    checks: z.object({
      host: z.enum(["ok"]),
      storage: z.enum(["ok", "unreachable"]),
      configuration: z.enum(["ok"]),
    }),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof health>;
