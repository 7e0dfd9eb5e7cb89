import * as z from "zod";
import { errorCodes, type ErrorCode } from "../domain/app-error.ts";
import { digitalSourceTypes, provenanceMarks } from "../domain/provenance.ts";
import { jobStatuses } from "../domain/image-job.ts";
import { waitReasons } from "../domain/quota/ask.ts";
import { priorities } from "../domain/quota/pool-state.ts";
import { webhookEvents } from "../domain/webhook.ts";

/** Every reply of the HTTP surface: typed and documented by the same schemas. What is asked is in requests.ts. */

const errorCode = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

// Strict: webhooks' messages are described by these as well, once, and not as input and as output.
export const filterResults = z
  .record(
    z.string(),
    z.strictObject({
      filtered: z.boolean(),
      severity: z.string().optional(),
      detected: z.boolean().optional(),
    }),
  )
  .meta({
    id: "FilterResults",
    description: "What the service's content filters found, by category, where it tells.",
  });

const filterFields = {
  content_filter_results: filterResults.optional().meta({ description: "Of the image." }),
  prompt_filter_results: filterResults.optional().meta({ description: "Of the prompt." }),
};

const reasonFields = {
  code: errorCode,
  message: z.string(),
  retryable: z.boolean(),
  ...filterFields,
};

export const image = z
  .object({
    index: z.int(),
    url: z
      .url()
      .meta({ description: "Read-only link to the image. Needs no credentials, dies at url_expires_at." }),
    url_expires_at: z.iso.datetime(),
    content_url: z.string().meta({
      description:
        "Address that never dies: answers 302 to a link, or with a smaller picture (width, format, quality, fit). Absolute, but for messages to webhooks where PUBLIC_ORIGIN isn't set.",
    }),
    thumbnail_url: z
      .url()
      .optional()
      .meta({ description: "Link to a webp of at most 512 px, once it is made." }),
    content_type: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    provenance: z.enum(provenanceMarks).optional().meta({
      description:
        "How the file at url says that a model made it. c2pa: by a C2PA manifest, as its maker signed it; iptc: by DigitalSourceType in XMP, for it was made anew (as are thumbnails and other sizes); absent: not at all.",
    }),
    revised_prompt: z.string().optional(),
    ...filterFields,
  })
  .meta({ id: "Image" });

// Strict, as these two stand in webhooks' messages as well: what we send is described once, not as input and as output.
export const failure = z
  .strictObject({
    index: z.int(),
    ...reasonFields,
    content_url: z.string().optional().meta({
      description:
        "Where a result that is no usable image is kept as it came: answers 302 to a fresh link, and with download=1 with its bytes.",
    }),
    content_type: z.string().optional().meta({ description: "Of what is at content_url." }),
  })
  .meta({ id: "Failure" });

const tokenDetails = z.strictObject({ text_tokens: z.int(), image_tokens: z.int() }).optional();

export const usage = z
  .strictObject({
    input_tokens: z.int(),
    output_tokens: z.int(),
    total_tokens: z.int(),
    input_tokens_details: tokenDetails,
    output_tokens_details: tokenDetails,
  })
  .meta({ id: "Usage", description: "Tokens, summed over the job's calls, where the service tells." });

export const waiting = z
  .strictObject({
    reason: z.enum(waitReasons).meta({
      description:
        "quota: the pool has no room yet; throttled: the service turned calls away; service: it isn't well.",
    }),
    since: z.iso.datetime(),
    until: z.iso.datetime().meta({ description: "When its first call will probably be sent." }),
    position: z.int().meta({ description: "How many calls go before it." }),
  })
  .meta({ id: "Waiting", description: "What an open job waits for, while none of its calls is on its way." });

export const cost = z
  .strictObject({
    currency: z.string().meta({ examples: ["USD"] }),
    estimated: z.number().optional().meta({ description: "Absent where the price is by tokens alone." }),
    actual: z.number().optional().meta({
      description:
        "Once it has ended: of the images that were made. Repeated and unanswered calls may cost more.",
    }),
  })
  .meta({ id: "Cost", description: "By the prices that were configured (PRICES) when it was accepted." });

export const job = z
  .object({
    id: z.string().meta({ examples: ["job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k"] }),
    kind: z.enum(["generation", "edit"]),
    status: z.enum(jobStatuses),
    model: z
      .string()
      .optional()
      .meta({ description: "Absent, as deployment, on a job that was refused before one was chosen." }),
    deployment: z.string().optional(),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().optional(),
    finished_at: z.iso.datetime().optional(),
    expires_at: z.iso
      .datetime()
      .optional()
      .meta({ description: "From then on the job and its images may be removed (RETENTION_DAYS)." }),
    progress: z.number().min(0).max(1),
    priority: z.enum(priorities).optional(),
    waiting: waiting.optional(),
    estimated_end: z.iso.datetime().optional().meta({
      description: "When an open job will probably end, by what such calls took; where its pool is known.",
    }),
    digital_source_type: z.enum(digitalSourceTypes).optional().meta({
      description:
        "IPTC's term for what made the images. Files made anew from them say it in their XMP; provenance of an image tells what the stored file says.",
    }),
    request: z.record(z.string(), z.unknown()).meta({ description: "What was asked, defaults filled in." }),
    requested: z
      .object({
        model: z.string(),
        size: z.string().optional(),
        quality: z.string().optional(),
        style: z.string().optional(),
        response_format: z.string().optional(),
      })
      .optional()
      .meta({
        description:
          "What was asked of a model that another one stands in for (MODEL_ALIASES), as far as it was mapped; model and request say what ran. Images are made the size asked.",
      }),
    tags: z.array(z.string()).optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    images: z.array(image),
    partials: z
      .array(
        z.object({
          index: z.int().meta({ description: "The image that it becomes." }),
          partial_index: z.int().meta({ description: "0 for the coarsest." }),
          content_type: z.string(),
          url: z.url(),
          url_expires_at: z.iso.datetime(),
        }),
      )
      .optional()
      .meta({
        description: "While it runs with partial_images: the newest of each image that isn't there yet.",
      }),
    failures: z.array(failure),
    error: z
      .object(reasonFields)
      .optional()
      .meta({ description: "Why no image came of it; only on a failed job." }),
    usage: usage.optional(),
    cost: cost.optional(),
    repeated_calls: z.int().optional().meta({
      description:
        "Upstream calls made again because the end of an earlier one is unknown; each may be billed twice.",
    }),
    webhook: z
      .object({ url: z.string(), events: z.array(z.enum(webhookEvents)) })
      .optional()
      .meta({ description: "Who is told of the end, and of which; only the address's host is shown." }),
    unanswered_calls: z.int().optional().meta({
      description:
        "Upstream calls that brought nothing and whose end nobody saw, such as one that a cancellation or the deadline cut off; each may be billed.",
    }),
    links: z.object({
      self: z.url(),
      result: z.url().meta({ description: "Signed: to poll for the end without other credentials." }),
      events: z.url().meta({ description: "Signed: to watch without other credentials." }),
      cancel: z.url(),
    }),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof job>;

export const jobList = z
  .object({
    jobs: z.array(job),
    next_cursor: z.string().optional().meta({
      description: "Pass it as cursor to read on. Absent on the last page; a page may be short before that.",
    }),
  })
  .meta({ id: "JobList" });
export type JobList = z.infer<typeof jobList>;

export const errorReply = z
  .object({
    error: z.object({
      code: errorCode,
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

const uploadTicket = z.object({
  upload_id: z.string().meta({ description: "Names the upload in images and mask of an edit, for a day." }),
  expects: z.enum(["image", "mask"]),
  method: z.literal("PUT"),
  url: z
    .url()
    .meta({ description: "Send the file's bytes here. Creates this one blob, once, and nothing else." }),
  headers: z.record(z.string(), z.string()).meta({ description: "Headers to send with the bytes." }),
  expires_at: z.iso.datetime(),
  max_bytes: z.int(),
});

export const uploadTickets = z
  .object({
    uploads: z.array(uploadTicket),
    job: job
      .optional()
      .meta({ description: "The edit that waits for the files, when on_complete was given." }),
  })
  .meta({ id: "UploadTickets" });
export type UploadTickets = z.infer<typeof uploadTickets>;

export const upload = z
  .object({ upload_id: z.string(), bytes: z.int(), arrived_at: z.iso.datetime() })
  .meta({ id: "Upload", description: "An upload that has arrived." });
export type UploadReply = z.infer<typeof upload>;

export const failedResult = errorReply
  .extend({ job })
  .meta({ id: "FailedResult", description: "A job that ended without an image: its reason, and the job." });

export const modelList = z
  .object({
    models: z.array(
      z.object({
        model: z.string(),
        runs_on: z.string().optional().meta({
          description: "The model that stands in for this one, whose name is an alias (MODEL_ALIASES).",
        }),
        deployments: z.array(z.string()),
        protocol: z.enum(["submit-poll", "one-per-call", "many-per-call"]),
        prompt_limit: z.int().meta({ description: "Characters of a prompt at most, in code points." }),
        max_images: z.int(),
        sizes: z.array(z.string()),
        qualities: z.array(z.string()).optional(),
        styles: z.array(z.string()).optional(),
        backgrounds: z.array(z.string()).optional(),
        moderations: z.array(z.string()).optional(),
        output_formats: z.array(z.string()).optional(),
        response_formats: z.array(z.string()).optional(),
        input_fidelities: z.array(z.string()).optional(),
        parameters: z
          .record(z.string(), z.record(z.string(), z.unknown()))
          .optional()
          .meta({ description: "Further parameters, each with type, values, minimum, maximum." }),
        edits: z.boolean(),
        edit_limits: z
          .object({
            images: z.int(),
            input_types: z.array(z.string()).meta({ description: "Sent to the model as they are." }),
            converted_types: z.array(z.string()).meta({ description: "Made into PNG first." }),
            image_bytes: z.int(),
            mask_bytes: z.int(),
            default_size: z.string(),
          })
          .optional()
          .meta({ description: "What an edit may bring; absent where the model can't edit." }),
        streaming: z.boolean(),
        prices: z
          .array(
            z.object({
              size: z.string().optional().meta({ description: "Absent: any; so is quality." }),
              quality: z.string().optional(),
              currency: z.string(),
              per_image: z.number().optional(),
              per_million_tokens: z.object({ input: z.number(), output: z.number() }).optional(),
            }),
          )
          .optional()
          .meta({
            description: "Where there are any (PRICES). The entry that says most of an image counts.",
          }),
        defaults: z.record(z.string(), z.string()),
      }),
    ),
  })
  .meta({ id: "ModelList" });
export type ModelList = z.infer<typeof modelList>;

export const health = z
  .object({
    status: z.enum(["ok", "degraded"]),
    version: z.string().meta({ description: "Of the app.", examples: ["0.1.0"] }),
    build: z.string().meta({
      description: "Hash of what was built: equal where the same package runs.",
      examples: ["3f1a9c04d2be"],
    }),
    checks: z.object({
      host: z.enum(["ok"]),
      storage: z.enum(["ok", "unreachable"]),
      configuration: z.enum(["ok"]),
    }),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof health>;
