import * as z from "zod";
import {
  connectionReply,
  createdImages,
  deploymentList,
  imageJob,
  imageJobList,
  imageLink,
  imageResult,
  modelParametersReply,
} from "./connector.ts";
import {
  contentQuery,
  createImageLinkBody,
  editImageBody,
  generateImageBody,
  imageTriggerQuery,
  jobResultQuery,
  listImageJobsQuery,
  submitImageJobBody,
} from "./connector-requests.ts";
import { advanced, shown } from "./connector-words.ts";

/** Where the connector's operations live. Paths of the table are below it. */
export const connectorBasePath = "/api/connector";

export type ErrorStatus =
  "400" | "401" | "404" | "409" | "410" | "413" | "415" | "416" | "422" | "429" | "503";

/** What a status brings besides errors. `polled`: a place to ask again, and when. `file`: bytes instead of JSON. */
export interface Success {
  description: string;
  schema?: z.ZodObject;
  polled?: true;
  file?: true;
}

/** An operation of the connector, in the order that a designer lists them. */
export interface Operation {
  operationId: string;
  method: "get" | "post" | "delete";
  path: string;
  /** Sentence case, without a full stop; a trigger's begins with "When". */
  summary: string;
  description: string;
  visibility?: "important" | "internal";
  /** A polling trigger that starts one run for each entry. */
  trigger?: { kind: "batch"; hint: string };
  inPath?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { schema: z.ZodObject; required: boolean };
  successes: Record<string, Success>;
  errors: readonly ErrorStatus[];
}

const id = (summary: string, description: string) =>
  z.string().meta(shown(summary, description, { "x-ms-url-encoding": "single" }));
const jobId = z.object({ jobId: id("Job ID", "The job, by the ID that another action told.") });
const imageId = z.object({ imageId: id("Image ID", "The image, by the ID that another action told.") });

const once = z.object({
  "Idempotency-Key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta(
      shown(
        "Idempotency Key",
        "A name of your own for this request: sent again within a day, it makes nothing twice. Left empty, repeats by the same run are known anyway.",
        advanced,
      ),
    ),
});

const result: Success = { description: "The finished job.", schema: imageResult };
const accepted: Success = {
  description: "The job as it stands; it is asked for again at Location.",
  schema: imageJob,
  polled: true,
};
const submitErrors = ["400", "401", "413", "415", "422", "429", "503"] as const;

export const operations: readonly Operation[] = [
  {
    operationId: "GenerateImage",
    method: "post",
    path: "/images/generations",
    summary: "Generate images",
    description: "Makes images from a prompt and waits for them. One image is enough for success.",
    visibility: "important",
    headers: once,
    body: { schema: generateImageBody, required: true },
    successes: { "200": result, "202": accepted },
    errors: [...submitErrors, "410"],
  },
  {
    operationId: "EditImage",
    method: "post",
    path: "/images/edits",
    summary: "Edit images",
    description: "Makes new images from existing ones and a prompt, and waits for them.",
    visibility: "important",
    headers: once,
    body: { schema: editImageBody, required: true },
    successes: { "200": result, "202": accepted },
    errors: [...submitErrors, "404", "409", "410"],
  },
  {
    operationId: "SubmitImageJob",
    method: "post",
    path: "/jobs",
    summary: "Submit an image job",
    description: "Starts to make images, or to edit those that are given, and does not wait for the end.",
    headers: once,
    body: { schema: submitImageJobBody, required: true },
    successes: { "201": { description: "The job as it was accepted.", schema: imageJob } },
    errors: [...submitErrors, "404", "409", "410"],
  },
  {
    operationId: "GetImageJob",
    method: "get",
    path: "/jobs/{jobId}",
    summary: "Get an image job",
    description: "Tells how far a job is, and what has come of it until now.",
    inPath: jobId,
    query: contentQuery,
    successes: { "200": { description: "The job as it stands.", schema: imageJob } },
    errors: ["400", "401", "404"],
  },
  {
    operationId: "ListImageJobs",
    method: "get",
    path: "/jobs",
    summary: "List image jobs",
    description: "Lists your jobs, newest first, page by page.",
    query: listImageJobsQuery,
    successes: { "200": { description: "A page of jobs.", schema: imageJobList } },
    errors: ["400", "401"],
  },
  {
    operationId: "CancelImageJob",
    method: "post",
    path: "/jobs/{jobId}/cancel",
    summary: "Cancel an image job",
    description: "Ends a job that still runs. What it has made until then stays.",
    inPath: jobId,
    successes: { "200": { description: "The job, canceled.", schema: imageJob } },
    errors: ["401", "404", "409"],
  },
  {
    operationId: "DeleteImageJob",
    method: "delete",
    path: "/jobs/{jobId}",
    summary: "Delete an image job",
    description: "Removes a job that has ended, with its images.",
    inPath: jobId,
    successes: { "204": { description: "The job is gone." } },
    errors: ["401", "404", "409"],
  },
  {
    operationId: "GetImageContent",
    method: "get",
    path: "/images/{imageId}/content",
    summary: "Get image content",
    description: "Fetches the file of an image, whole or a range of its bytes.",
    inPath: imageId,
    successes: {
      "200": { description: "The file.", file: true },
      "206": { description: "The bytes that Range asked for.", file: true },
    },
    errors: ["401", "404", "416"],
  },
  {
    operationId: "CreateImageLink",
    method: "post",
    path: "/images/{imageId}/link",
    summary: "Create a link to an image",
    description: "Makes a fresh link that shows an image to anybody who has it.",
    inPath: imageId,
    body: { schema: createImageLinkBody, required: false },
    successes: { "200": { description: "The link.", schema: imageLink } },
    errors: ["400", "401", "404"],
  },
  {
    operationId: "WhenImagesAreCreated",
    method: "get",
    path: "/triggers/images",
    summary: "When images are created",
    description: "Starts once for each new image of jobs that have ended since the workflow was turned on.",
    visibility: "important",
    trigger: { kind: "batch", hint: "To see it work now, generate an image." },
    query: imageTriggerQuery,
    successes: {
      "200": { description: "New images.", schema: createdImages },
      "202": { description: "Nothing new.", polled: true },
    },
    errors: ["400", "401", "429"],
  },
  {
    operationId: "GetImageJobResult",
    method: "get",
    path: "/jobs/{jobId}/result",
    summary: "Get the result of an image job",
    description: "Tells an action that waits whether its job has ended.",
    visibility: "internal",
    inPath: jobId,
    query: jobResultQuery,
    successes: { "200": result, "202": accepted },
    errors: ["400", "401", "404", "410", "422"],
  },
  {
    operationId: "ListDeployments",
    method: "get",
    path: "/deployments",
    summary: "List deployments",
    description: "Lists the models that can be asked, for a choice.",
    visibility: "internal",
    successes: { "200": { description: "The deployments.", schema: deploymentList } },
    errors: ["401"],
  },
  {
    operationId: "GetModelParameters",
    method: "get",
    path: "/deployments/{deployment}/parameters",
    summary: "Get model parameters",
    description: "Tells what a deployment takes, for the form of an action.",
    visibility: "internal",
    inPath: z.object({ deployment: id("Deployment", "The deployment, by its name.") }),
    successes: { "200": { description: "A schema.", schema: modelParametersReply } },
    errors: ["401", "404"],
  },
  {
    operationId: "TestConnection",
    method: "get",
    path: "/connection",
    summary: "Test the connection",
    description: "Tells whose key this is. Works as well when a quota is used up.",
    visibility: "internal",
    successes: { "200": { description: "The key is known.", schema: connectionReply } },
    errors: ["401"],
  },
];
