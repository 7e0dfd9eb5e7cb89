import * as z from "zod";
import { maskModes } from "../domain/image-request.ts";
import { priorities } from "../domain/quota/pool-state.ts";
import { webhookEvents } from "../domain/webhook.ts";
import { imageSource } from "./image-source.ts";

/** The fields of requests: what may be asked of a model. Whether a model takes the value is the catalogue's to say. */

export const tag = z.string().regex(/^[\w.:-]{1,64}$/, "a tag has 1 to 64 letters, digits or . _ : -");

// A job's facts share one column of 32 K characters.
const maxMetadataLength = 16_384;

/** Fields that every request for images has. */
export const commonFields = {
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
  response_format: z.string().max(64).optional().meta({
    description: "Accepted where the model knows it (url or b64_json). Darkroom always answers with links.",
  }),
  background: z.string().max(64).optional().meta({ description: "gpt-image: transparent, opaque or auto." }),
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
  parameters: z
    .record(z.string().min(1).max(64), z.union([z.string().max(512), z.number(), z.boolean()]))
    .refine((given) => Object.keys(given).length <= 16, "parameters holds at most 16")
    .optional()
    .meta({ description: "Further parameters of a model that its operator has described (IMAGE_MODELS)." }),
  stream: z.boolean().optional().meta({
    description: "gpt-image: true has partial images told among the job's events.",
  }),
  partial_images: z
    .int()
    .min(0)
    .max(3)
    .optional()
    .meta({ description: "With stream: partial images of each image, at most. Default 0.", examples: [2] }),
  tags: z
    .array(tag)
    .max(8)
    .optional()
    .meta({ description: "Up to 8 words to find the job by.", examples: [["demo"]] }),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, "metadata holds at most 16 pairs")
    .refine(
      (pairs) => JSON.stringify(pairs).length <= maxMetadataLength,
      `metadata has at most ${maxMetadataLength} characters as JSON`,
    )
    .optional()
    .meta({
      description: `Up to 16 string pairs that are given back with the job; ${maxMetadataLength} characters as JSON.`,
    }),
  priority: z.enum(priorities).optional().meta({
    description:
      "Which of your own waiting jobs goes first. Default normal. Other callers' turns stay theirs.",
  }),
  queue_deadline_seconds: z
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .meta({
      description:
        "How long the job may wait for its first call, where that is less than the service lets it (QUEUE_DEADLINE_SECONDS).",
      examples: [600],
    }),
  deadline_seconds: z.int().min(1).max(86_400).optional().meta({
    description:
      "How long the job may run once it has begun, where that is less than the service lets it (JOB_DEADLINE_SECONDS).",
  }),
  webhook_url: z
    .string()
    .max(2_048)
    .optional()
    .meta({
      description:
        "A public https address that is told of the job's end by a signed POST (Standard Webhooks).",
      examples: ["https://hooks.example.com/darkroom"],
    }),
  webhook_events: z
    .array(z.enum(webhookEvents))
    .min(1)
    .max(webhookEvents.length)
    .optional()
    .meta({ description: "The ends that webhook_url is told of. Default: all.", examples: [["job.failed"]] }),
};

/** Of requests that can be tried: an upload, a file of the inbox and another service's client have none. */
const dryRun = {
  dry_run: z.boolean().optional().meta({
    description:
      "true: checks the request, chooses its deployment and says what it would cost; nothing is recorded or sent.",
  }),
};

export const generationRequest = z
  .strictObject({
    ...commonFields,
    style: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "dall-e-3: vivid or natural.", examples: ["vivid"] }),
    moderation: z.string().max(64).optional().meta({ description: "gpt-image: auto or low." }),
    prompt_mode: z.enum(["default", "as_is"]).optional().meta({
      description: "as_is asks dall-e-3 to use the prompt as it stands instead of rewriting it.",
    }),
  })
  .meta({ id: "GenerationRequest", description: "What is asked of a generation." });
export type GenerationRequest = z.infer<typeof generationRequest>;

export const generationBody = generationRequest
  .extend(dryRun)
  .meta({ id: "GenerationBody", description: "Body of POST /api/images/generations." });

const editFields = {
  ...commonFields,
  input_fidelity: z.string().max(64).optional().meta({
    description: "gpt-image, not mini: low or high; how closely the result keeps to the input.",
  }),
  mask_mode: z.enum(maskModes).optional().meta({
    description:
      "What becomes of a mask whose size isn't the first image's: strict (default) refuses it, resize stretches it.",
  }),
  mask_invert: z.boolean().optional().meta({
    description: "true: what is opaque in the mask is edited, instead of what is clear.",
  }),
};

const maxImages = 16;

/** An edit whose inputs come by another way than the body: parts of a form, or uploads that are yet to arrive. */
export const editParams = z
  .strictObject(editFields)
  .meta({ id: "EditParams", description: "An edit without its inputs." });
export type EditParamsBody = z.infer<typeof editParams>;

/** The fields of a form, beside its files. */
export const editFormParams = editParams.extend(dryRun);

export const editRequest = z
  .strictObject({
    ...editFields,
    ...dryRun,
    images: z
      .array(imageSource)
      .min(1)
      .max(maxImages)
      .meta({
        description: `The input images, 1 to ${maxImages}, in order; the mask belongs to the first.`,
      }),
    mask: imageSource.optional(),
  })
  .meta({ id: "EditRequest", description: "Body of POST /api/images/edits as JSON." });
export type EditRequest = z.infer<typeof editRequest>;

const binary = z.string().meta({ format: "binary", description: "The file's bytes; PNG or JPEG." });

/** As documents show it; what arrives is read by read-multipart.ts. */
export const editForm = z
  .strictObject({
    ...editFields,
    ...dryRun,
    image: z.array(binary).meta({
      description: `1 to ${maxImages} files; the part may be called image, image[] or image[0] and so on. {"job_id": "job_…", "index": 0} in a file's place names an image of a job of yours.`,
    }),
    mask: binary.optional().meta({
      description:
        "PNG of the first image's size, clear where it is to be edited. It may be named by its job like an image.",
    }),
  })
  .meta({
    id: "EditForm",
    description: "Body of POST /api/images/edits as a form; every other field as text.",
  });

const file = z.string().min(1).max(1_024);

export const sidecar = z
  .strictObject({
    ...editFields,
    image: z.union([file, z.array(file).min(1).max(maxImages)]).meta({
      description: "Name of the input image beside this file, or of several.",
    }),
    mask: file.optional(),
  })
  .meta({ id: "Sidecar", description: "NAME.json in the container edit-inbox." });
export type Sidecar = z.infer<typeof sidecar>;

export const uploadRequest = z
  .strictObject({
    expects: z
      .array(z.enum(["image", "mask"]))
      .min(1)
      .max(maxImages + 1)
      .refine((all) => all.filter((one) => one === "mask").length <= 1, "expects at most one mask")
      .refine(
        (all) => all.filter((one) => one === "image").length <= maxImages,
        `expects at most ${maxImages} images`,
      )
      .optional()
      .meta({
        description: "What will be uploaded, in order. Default: one image.",
        examples: [["image", "mask"]],
      }),
    on_complete: editParams.optional().meta({
      description: "An edit to start by itself once all files are there. The answer then holds its job.",
    }),
  })
  .refine(
    ({ expects, on_complete }) =>
      on_complete === undefined || expects === undefined || expects.includes("image"),
    {
      message: "on_complete needs an image to edit: expects must name one",
      path: ["expects"],
    },
  )
  .meta({ id: "UploadRequest", description: "Body of POST /api/uploads." });
