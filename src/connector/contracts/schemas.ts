import * as z from "zod";
import { errorCodes, type ErrorCode } from "../../domain/app-error.ts";
import { jobStatuses } from "../../domain/image-job.ts";
import { advanced, choices, shown } from "./words.ts";

/**
 * Every reply of the connector's operations. The designers of both products understand flat objects only: nothing here is
 * a union, a map or null, and what isn't known is left out. What is asked is in connector-requests.ts.
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
const jobId = z.string().meta(shown("Job ID", "Names the job in other actions."));
const model = z.string().optional().meta(shown("Model", "The model that draws."));
const deployment = z.string().optional().meta(shown("Deployment", "The deployment that serves the model."));
const createdOn = z.iso.datetime().meta(shown("Created On", "When the job was accepted."));
const finishedOn = z.iso.datetime().optional().meta(shown("Finished On", "When the job ended."));
const index = (of: string) => z.int().meta(shown("Index", `Place of the ${of} in its job, from 0.`));

const imageFacts = {
  index: index("image"),
  imageId: z.string().meta(shown("Image ID", "Names the image in other actions.")),
  url: z.url().meta(shown("Image URL", "Link that shows the image to anybody who has it, until it expires.")),
  urlExpiresOn: z.iso.datetime().meta(shown("Image URL Expires On", "When the link stops working.")),
  contentType: z.string().meta(shown("Content Type", "Media type of the file, such as image/png.")),
  width: z.int().meta(shown("Width", "Pixels from left to right.")),
  height: z.int().meta(shown("Height", "Pixels from top to bottom.")),
  revisedPrompt: z
    .string()
    .optional()
    .meta(shown("Revised Prompt", "What the model made of the prompt, where it tells.")),
};

const resultImage = z
  .object({
    ...imageFacts,
    contentBytes: z
      .string()
      .optional()
      .meta(shown("File Content", "The file itself, if it was asked for.", { format: "byte" })),
  })
  .meta({ id: "ResultImage", ...shown("Image", "An image that was made.") });

const resultFailure = z
  .object({
    index: index("image that is missing"),
    code: errorCode.meta(shown("Failure Code", "Why it is missing, as a fixed word.")),
    message: z.string().meta(shown("Failure Message", "Why it is missing, in a sentence.")),
  })
  .meta({ id: "ResultFailure", ...shown("Failure", "An image that could not be made.") });

const tokens = (summary: string, description: string) =>
  z.int().meta(shown(summary, description, { format: "int64" }));

const resultFacts = {
  jobId,
  status,
  model,
  deployment,
  createdOn,
  finishedOn,
  images: z.array(resultImage).meta(shown("Images", "The images that were made.")),
  failures: z
    .array(resultFailure)
    .meta(shown("Failures", "The images that could not be made; one image is enough for success.")),
  usage: z
    .object({
      inputTokens: tokens("Input Tokens", "Tokens of prompts and input images."),
      outputTokens: tokens("Output Tokens", "Tokens of the images made."),
      totalTokens: tokens("Total Tokens", "Both together."),
    })
    .optional()
    .meta(shown("Usage", "Tokens, where the image service counts them.", advanced)),
};

export const imageResult = z
  .object(resultFacts)
  .meta({ id: "ImageResult", ...shown("Image Result", "A job that made at least one image.") });
export type ImageResult = z.infer<typeof imageResult>;

export const imageJob = z
  .object({
    ...resultFacts,
    progress: z
      .number()
      .min(0)
      .max(1)
      .meta(shown("Progress", "Part of the job that is done, 0 to 1.", { format: "double" })),
  })
  .meta({ id: "ImageJob", ...shown("Image Job", "A job as it stands.") });
export type ImageJob = z.infer<typeof imageJob>;

const errorFacts = {
  code: errorCode.meta(shown("Error Code", "What happened, as a fixed word.")),
  message: z.string().meta(shown("Error Message", "What happened, in a sentence.")),
  retryable: z.boolean().meta(shown("Retryable", "Whether trying again later may help.")),
};

/** A job that has ended, as a callback tells it: with images, or with the reason why there are none. */
export const imageOutcome = z
  .object({
    ...resultFacts,
    error: z
      .object(errorFacts)
      .optional()
      .meta(shown("Error", "Why there are no images; absent when there are some.")),
  })
  .meta({ id: "ImageOutcome", ...shown("Image Outcome", "A job that has ended, well or not.") });
export type ImageOutcome = z.infer<typeof imageOutcome>;

export const imageJobList = z
  .object({
    value: z.array(imageJob).meta(shown("Jobs", "Jobs, newest first.")),
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
    url: imageFacts.url,
    expiresOn: z.iso.datetime().meta(shown("Expires On", "When the link stops working.")),
  })
  .meta({ id: "ImageLink" });
export type ImageLink = z.infer<typeof imageLink>;

const createdImage = z
  .object({ jobId, model, deployment, createdOn, finishedOn, ...imageFacts })
  .meta({ id: "CreatedImage", ...shown("Image", "An image of a job that has ended.") });

/** What a poll of the trigger found. One array and nothing else: a batch is split by the only array there is. */
export const createdImages = z
  .object({ value: z.array(createdImage).meta(shown("Images", "The images that are new.")) })
  .meta({ id: "CreatedImages" });
export type CreatedImages = z.infer<typeof createdImages>;

export const deploymentList = z
  .object({
    value: z
      .array(
        z
          .object({
            name: z.string().meta(shown("Name", "What the deployment is called in requests.")),
            title: z.string().meta(shown("Title", "What the list shows.")),
            model: z.string().meta(shown("Model", "The model it serves.")),
          })
          .meta({ id: "Deployment", ...shown("Deployment", "A model that can be asked.") }),
      )
      .meta(shown("Deployments", "The models that can be asked here.")),
  })
  .meta({ id: "DeploymentList" });
export type DeploymentList = z.infer<typeof deploymentList>;

/** `schema` is a schema of OpenAPI 2.0, so it is told by its type alone. */
export const modelParametersReply = z
  .object({
    schema: z
      .looseObject({})
      .meta(shown("Schema", "What this deployment takes, as a schema for the designer.")),
  })
  .meta({ id: "ModelParameters" });
export type ModelParametersReply = z.infer<typeof modelParametersReply>;

export const connectionReply = z
  .object({ caller: z.string().meta(shown("Caller", "Whose key the connection uses.")) })
  .meta({ id: "ConnectionState" });
export type ConnectionReply = z.infer<typeof connectionReply>;

export const connectorError = z
  .object({
    error: z
      .object({
        code: errorFacts.code,
        message: errorFacts.message,
        param: z.string().optional().meta(shown("Error Parameter", "The field at fault, where one is.")),
        retryable: errorFacts.retryable,
        requestId: z.string().meta(shown("Request ID", "Names the request when you report a problem.")),
      })
      .meta(shown("Error", "What went wrong.")),
  })
  .meta({ id: "Error" });
export type ConnectorError = z.infer<typeof connectorError>;
