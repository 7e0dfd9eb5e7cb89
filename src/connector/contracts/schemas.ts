import * as z from "zod";
import { errorCodes, type ErrorCode } from "../../domain/app-error.ts";
import { jobStatuses } from "../../domain/image-job.ts";
import { waitReasons } from "../../domain/quota/ask.ts";
import { advanced, choices, shown } from "./words.ts";

/**
 * Every reply of the connector's operations. The designers of both products understand flat objects only: nothing here is
 * a union or null, and what isn't known is left out. What is asked is in requests.ts.
 *
 * A designer puts the title of each object and list entry that holds a field before the field's own. So the outermost
 * object has none, and a field that stands within another says only what is left to say.
 */

const errorCode = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);
const status = z.enum(jobStatuses).meta(
  shown(
    "Status",
    "How far the job is.",
    choices({
      queued: "Queued",
      running: "Running",
      succeeded: "Succeeded",
      failed: "Failed",
      canceled: "Canceled",
    }),
  ),
);

const cost = z
  .object({
    currency: z.string().meta(shown("Currency", "Such as USD.")),
    estimated: z
      .number()
      .optional()
      .meta(shown("Estimate", "What was expected when the job was accepted.", { format: "double" })),
    actual: z
      .number()
      .optional()
      .meta(shown("Amount", "What the images cost that were made, at the job's end.", { format: "double" })),
  })
  .optional()
  .meta(shown("Cost", "By the prices that the service was set up with; absent without them."));

const jobFacts = (idTitle = "Job ID") => ({
  jobId: z.string().meta(shown(idTitle, "Names the job in other actions.")),
  kind: z.enum(["generation", "edit"]).meta(shown("Kind", "Whether images were made or edited.")),
  prompt: z.string().meta(shown("Prompt", "What was asked for.")),
  model: z.string().optional().meta(shown("Model", "The model that draws.")),
  deployment: z.string().optional().meta(shown("Deployment", "The deployment that serves the model.")),
  tags: z
    .array(z.string().meta(shown("Tag", "A word to find the job by.")))
    .optional()
    .meta(shown("Tags", "The words that were given to find the job by.")),
  metadata: z
    .looseObject({})
    .optional()
    .meta(shown("Metadata", "The facts that were given with the request.")),
  createdOn: z.iso.datetime().meta(shown("Created On", "When the job was accepted.")),
  finishedOn: z.iso.datetime().optional().meta(shown("Finished On", "When the job ended.")),
  cost,
});

const imageFacts = {
  index: z.int().meta(shown("Index", "Place of the image in its job, from 0.")),
  imageId: z.string().meta(shown("ID", "Names the image in other actions.")),
  url: z.url().meta(shown("URL", "Link that shows the image to anybody who has it, until it expires.")),
  urlExpiresOn: z.iso.datetime().meta(shown("URL Expires On", "When the link stops working.")),
  fileName: z.string().meta(shown("File Name", "A name to save the file by, with its type.")),
  contentType: z.string().meta(shown("Content Type", "Media type of the file, such as image/png.")),
  width: z.int().meta(shown("Width", "Pixels from left to right.")),
  height: z.int().meta(shown("Height", "Pixels from top to bottom.")),
  revisedPrompt: z
    .string()
    .optional()
    .meta(shown("Revised Prompt", "What the model made of the prompt, where it tells.")),
};

const contentBytes = z
  .string()
  .optional()
  .meta(shown("File Content", "The file itself, if it was asked for.", { format: "byte" }));

const resultImage = z
  .object({ ...imageFacts, contentBytes })
  .meta({ id: "ResultImage", ...shown("Each Image", "An image that was made.") });

/** The first image, for workflows that make one: no list to loop over. */
const firstImage = {
  imageId: z.string().optional().meta(shown("Image ID", "Names the first image in other actions.")),
  imageUrl: z
    .url()
    .optional()
    .meta(shown("Image URL", "Link that shows the first image to anybody who has it, until it expires.")),
  fileName: z
    .string()
    .optional()
    .meta(shown("File Name", "A name to save the first image by, with its type.")),
  contentType: z
    .string()
    .optional()
    .meta(shown("Content Type", "Media type of the first image, such as image/png.")),
  contentBytes: contentBytes.meta(
    shown("File Content", "The first image itself, with Include Content.", { format: "byte" }),
  ),
};

const errorFacts = {
  code: errorCode.meta(shown("Code", "What happened, as a fixed word.")),
  message: z.string().meta(shown("Message", "What happened, in a sentence.")),
  retryable: z.boolean().meta(shown("Retryable", "Whether trying again later may help.")),
};

const resultFailure = z
  .object({
    index: z.int().meta(shown("Index", "Place of the image that is missing in its job, from 0.")),
    code: errorCode.meta(shown("Code", "Why it is missing, as a fixed word.")),
    message: z.string().meta(shown("Message", "Why it is missing, in a sentence.")),
  })
  .meta({ id: "ResultFailure", ...shown("Failure", "An image that could not be made.") });

const tokens = (summary: string, description: string) =>
  z.int().meta(shown(summary, description, { format: "int64" }));

const resultFacts = (idTitle?: string) => ({
  ...jobFacts(idTitle),
  status,
  ...firstImage,
  images: z.array(resultImage).meta(shown("Images", "The images that were made.")),
  failures: z
    .array(resultFailure)
    .meta(shown("Failures", "The images that could not be made; one image is enough for success.")),
  error: z
    .object(errorFacts)
    .optional()
    .meta(shown("Error", "Why there are no images; absent when there are some.")),
  usage: z
    .object({
      inputTokens: tokens("Input Tokens", "Tokens of prompts and input images."),
      outputTokens: tokens("Output Tokens", "Tokens of the images made."),
      totalTokens: tokens("Total Tokens", "Both together."),
    })
    .optional()
    .meta(shown("Usage", "Tokens, where the image service counts them.", advanced)),
});

const progress = z
  .number()
  .min(0)
  .max(1)
  .meta(shown("Progress", "Part of the job that is done, 0 to 1.", { format: "double" }));

/** What only a job has that may be open: of one that has ended, the end alone is told. */
const openFacts = {
  progress,
  waiting: z
    .object({
      reason: z
        .enum(waitReasons)
        .meta(
          shown(
            "Reason",
            "quota: there is no room yet; throttled: the image service turned calls away; service: it isn't well.",
          ),
        ),
      since: z.iso.datetime().meta(shown("Since", "When it began to wait.")),
      until: z.iso.datetime().meta(shown("Until", "When its first image will probably be begun.")),
      position: z.int().meta(shown("Position", "How many calls go before it.")),
    })
    .optional()
    .meta(shown("Waiting", "What the job waits for, while none of its images is being made.")),
  estimatedEnd: z.iso
    .datetime()
    .optional()
    .meta(shown("Estimated End", "When the job will probably end, where that can be told.")),
};

/** A job that made at least one image; with "go on if it fails" one that made none, and says why. */
export const imageResult = z.object(resultFacts()).meta({ id: "ImageResult" });
export type ImageResult = z.infer<typeof imageResult>;

export const imageJob = z.object({ ...resultFacts(), ...openFacts }).meta({ id: "ImageJob" });
export type ImageJob = z.infer<typeof imageJob>;

/** A job that has ended, as a callback tells it: with images, or with the reason why there are none. */
export const imageOutcome = z.object(resultFacts()).meta({ id: "ImageOutcome" });
export type ImageOutcome = z.infer<typeof imageOutcome>;

const listedJob = z
  .object({ ...resultFacts("ID"), ...openFacts })
  .meta({ id: "ListedJob", ...shown("Job", "A job as it stands.") });

export const imageJobList = z
  .object({
    value: z.array(listedJob).meta(shown("Jobs", "Jobs, newest first.")),
    nextCursor: z
      .string()
      .optional()
      .meta(
        shown("Next Cursor", "Cursor of the next page; absent on the last one, while a page may be short."),
      ),
  })
  .meta({ id: "ImageJobList" });
export type ImageJobList = z.infer<typeof imageJobList>;

export const imageLink = z
  .object({
    url: imageFacts.url.meta(shown("Image URL", "Link that shows the image to anybody who has it.")),
    expiresOn: z.iso.datetime().meta(shown("Expires On", "When the link stops working.")),
  })
  .meta({ id: "ImageLink" });
export type ImageLink = z.infer<typeof imageLink>;

export const imageShare = z
  .object({
    url: z.url().meta(shown("Image URL", "Address of the picture, for anybody who has it.")),
    shareId: z.string().meta(shown("Share ID", "Names the link when it is to be ended.")),
    expiresOn: z.iso
      .datetime()
      .optional()
      .meta(shown("Expires On", "When the link stops working; absent where that is when the job goes.")),
  })
  .meta({ id: "ImageShare" });
export type ImageShare = z.infer<typeof imageShare>;

export const convertedImage = z
  .object({
    fileName: z.string().meta(shown("File Name", "A name to save the file by, with its type.")),
    contentType: z.string().meta(shown("Content Type", "Media type of the file, such as image/jpeg.")),
    contentBytes: z.string().meta(shown("File Content", "The file itself.", { format: "byte" })),
  })
  .meta({ id: "ConvertedImage" });
export type ConvertedImage = z.infer<typeof convertedImage>;

const createdImage = z
  .object({ ...jobFacts(), ...imageFacts })
  .meta({ id: "CreatedImage", ...shown("Image", "An image of a job that has ended.") });

/** What a poll of the trigger found. One array and nothing else: a batch is split by the only array there is. */
export const createdImages = z
  .object({ value: z.array(createdImage).meta(shown("Images", "The images that are new.")) })
  .meta({ id: "CreatedImages" });
export type CreatedImages = z.infer<typeof createdImages>;

export const connectorError = z
  .object({
    error: z
      .object({
        ...errorFacts,
        param: z.string().optional().meta(shown("Parameter", "The field at fault, where one is.")),
        jobId: z.string().optional().meta(shown("Job ID", "The job that failed, where there is one.")),
        requestId: z.string().meta(shown("Request ID", "Names the request when you report a problem.")),
      })
      .meta(shown("Error", "What went wrong.")),
  })
  .meta({ id: "Error" });
export type ConnectorError = z.infer<typeof connectorError>;
