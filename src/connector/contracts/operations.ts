import * as z from "zod";
import { connectionReply, deploymentList, modelList, modelParametersReply } from "./choice-schemas.ts";
import {
  convertedImage,
  createdImages,
  imageJob,
  imageJobList,
  imageLink,
  imageResult,
  imageShare,
} from "./schemas.ts";
import {
  contentQuery,
  convertImageBody,
  createImageLinkBody,
  deploymentsQuery,
  editImageBody,
  generateImageBody,
  imageTriggerQuery,
  jobResultQuery,
  listImageJobsQuery,
  modelParametersQuery,
  shareImageBody,
  submitImageJobBody,
} from "./requests.ts";
import {
  deleteImageHook,
  editImageAndWait,
  generateImageAndWait,
  whenImageIsReady,
} from "./hook-operations.ts";
import { id, once, type Operation, submitErrors, type Success } from "./operation.ts";

/** Where the connector's operations live. Paths of the table are below it. */
export const connectorBasePath = "/api/connector";

const jobId = z.object({ jobId: id("Job ID", "The job, by the ID that another action told.") });
const imageId = z.object({ imageId: id("Image ID", "The image, by the ID that another action told.") });

const result: Success = { description: "The finished job.", schema: imageResult };
const accepted: Success = {
  description: "The job as it stands; it is asked for again at Location.",
  schema: imageJob,
  polled: true,
};
export const operations: readonly Operation[] = [
  {
    operationId: "GenerateImage",
    plugin: { confirms: true },
    method: "post",
    path: "/images/generations",
    summary: "Generate images",
    description:
      "Makes images from a prompt, waits until they are there, and returns the first image's link and file name, and a list of all. Choose it to create pictures from words; one image is enough for success.",
    visibility: "important",
    headers: once,
    body: { schema: generateImageBody, required: true },
    successes: { "200": result, "202": accepted },
    errors: [...submitErrors, "410"],
  },
  {
    operationId: "EditImage",
    plugin: { confirms: true },
    method: "post",
    path: "/images/edits",
    summary: "Edit images",
    description:
      "Makes new images from a file (or several) and a prompt, waits until they are there, and returns the first image's link and file name, and a list of all. Choose it to change a picture that exists.",
    visibility: "important",
    headers: once,
    body: { schema: editImageBody, required: true },
    successes: { "200": result, "202": accepted },
    errors: [...submitErrors, "404", "409", "410"],
  },
  generateImageAndWait,
  editImageAndWait,
  {
    operationId: "SubmitImageJob",
    plugin: { confirms: true },
    method: "post",
    path: "/jobs",
    summary: "Submit an image job",
    description:
      "Starts to make images, or to edit the files that are given, and returns the job's ID at once. Choose it when something else looks for the result later, by Get an image job or a trigger.",
    headers: once,
    body: { schema: submitImageJobBody, required: true },
    successes: { "201": { description: "The job as it was accepted.", schema: imageJob } },
    errors: [...submitErrors, "404", "409", "410"],
  },
  {
    operationId: "GetImageJob",
    plugin: { confirms: false },
    method: "get",
    path: "/jobs/{jobId}",
    summary: "Get an image job",
    description:
      "Takes a job's ID and returns how far it is, with the images it has until now. Choose it after Submit an image job.",
    inPath: jobId,
    query: contentQuery,
    successes: { "200": { description: "The job as it stands.", schema: imageJob } },
    errors: ["400", "401", "403", "404", "503"],
  },
  {
    operationId: "ListImageJobs",
    plugin: { confirms: false },
    method: "get",
    path: "/jobs",
    summary: "List image jobs",
    description:
      "Returns your jobs, newest first, page by page, with their images. Choose it to find a job again by its tag, model or status.",
    query: listImageJobsQuery,
    successes: { "200": { description: "A page of jobs.", schema: imageJobList } },
    errors: ["400", "401", "403", "503"],
  },
  {
    operationId: "CancelImageJob",
    plugin: { confirms: true },
    method: "post",
    path: "/jobs/{jobId}/cancel",
    summary: "Cancel an image job",
    description:
      "Takes a job's ID and ends the job if it still runs; what it has made until then stays. Choose it when nobody wants the result any more.",
    inPath: jobId,
    successes: { "200": { description: "The job, canceled.", schema: imageJob } },
    errors: ["401", "403", "404", "409", "503"],
  },
  {
    operationId: "DeleteImageJob",
    method: "delete",
    path: "/jobs/{jobId}",
    summary: "Delete an image job",
    description:
      "Takes a job's ID and removes the job with its images for good. It works only on a job that has ended.",
    inPath: jobId,
    successes: { "204": { description: "The job is gone." } },
    errors: ["401", "403", "404", "409", "503"],
  },
  {
    operationId: "GetImageContent",
    method: "get",
    path: "/images/{imageId}/content",
    summary: "Get image content",
    description:
      "Takes an image's ID and returns its file. Choose it to save an image elsewhere or to attach it to a mail.",
    inPath: imageId,
    successes: {
      "200": { description: "The file.", file: true },
      "206": { description: "The bytes that Range asked for.", file: true },
    },
    errors: ["401", "403", "404", "410", "416", "503"],
  },
  {
    operationId: "ConvertImage",
    method: "post",
    path: "/images/{imageId}/conversion",
    summary: "Convert image",
    description:
      "Takes an image's ID and returns it as another file: of another type, smaller, more compressed, or cut to a square. Choose it to fit an image to where it goes, such as a mail or a page.",
    inPath: imageId,
    body: { schema: convertImageBody, required: false },
    successes: { "200": { description: "The new file.", schema: convertedImage } },
    errors: ["400", "401", "403", "404", "410", "413", "415", "503"],
  },
  {
    operationId: "CreateImageLink",
    plugin: { confirms: false },
    method: "post",
    path: "/images/{imageId}/link",
    summary: "Create a link to an image",
    description:
      "Takes an image's ID and returns a fresh link that shows it to anybody who has the link. Choose it when an earlier link has expired or must live longer.",
    inPath: imageId,
    body: { schema: createImageLinkBody, required: false },
    successes: { "200": { description: "The link.", schema: imageLink } },
    errors: ["400", "401", "403", "404", "413", "415", "503"],
  },
  {
    operationId: "ShareImage",
    plugin: { confirms: true },
    method: "post",
    path: "/images/{imageId}/shares",
    summary: "Share an image",
    description:
      "Takes an image's ID and returns a view link that works until you end it, or its job is gone. Choose it where a link must last longer than a week, such as for an approval or in a list.",
    inPath: imageId,
    body: { schema: shareImageBody, required: false },
    successes: { "200": { description: "The link.", schema: imageShare } },
    errors: ["400", "401", "403", "404", "409", "413", "415", "503"],
  },
  {
    operationId: "StopSharingImage",
    method: "delete",
    path: "/images/{imageId}/shares/{shareId}",
    summary: "Stop sharing an image",
    description:
      "Takes an image's ID and a share's ID and ends that view link at once. Choose it when an image is no longer to be seen.",
    inPath: imageId.extend({ shareId: id("Share ID", "The link, by the ID that Share an image told.") }),
    successes: { "204": { description: "The link works no more." } },
    errors: ["401", "403", "404", "503"],
  },
  {
    operationId: "ListModels",
    plugin: { confirms: false },
    method: "get",
    path: "/models",
    summary: "List models",
    description:
      "Returns the deployments that can be asked, with the sizes, qualities and file types of each, and whether it edits. Choose it before another action when a deployment must be picked.",
    successes: { "200": { description: "The models.", schema: modelList } },
    errors: ["401", "403"],
  },
  whenImageIsReady,
  {
    operationId: "WhenImagesAreCreated",
    method: "get",
    path: "/triggers/images",
    summary: "When an image is created",
    description:
      "Starts a run for each new image of jobs that have ended since the workflow was turned on. Choose it to handle every image by itself.",
    visibility: "important",
    trigger: { kind: "batch", hint: "To see it work now, generate an image." },
    query: imageTriggerQuery,
    successes: {
      "200": { description: "New images.", schema: createdImages },
      "202": { description: "Nothing new.", polled: true },
    },
    errors: ["400", "401", "403", "429", "503"],
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
    errors: ["400", "401", "403", "404", "410", "422", "503"],
  },
  deleteImageHook,
  {
    operationId: "ListDeployments",
    method: "get",
    path: "/deployments",
    summary: "List deployments",
    description: "Lists the models that can be asked, for a choice.",
    visibility: "internal",
    query: deploymentsQuery,
    successes: { "200": { description: "The deployments.", schema: deploymentList } },
    errors: ["400", "401", "403"],
  },
  {
    operationId: "GetModelParameters",
    method: "get",
    path: "/model-parameters",
    summary: "Get model parameters",
    description: "Tells what the fields of an action may be, for a deployment or for all that can do it.",
    visibility: "internal",
    query: modelParametersQuery,
    successes: { "200": { description: "The choices of each field.", schema: modelParametersReply } },
    errors: ["400", "401", "403"],
  },
  {
    operationId: "InvokeMcp",
    method: "post",
    path: "/mcp",
    summary: "Images for agents",
    description:
      "Offers the tools generate_image, edit_image, get_job, list_models and cancel_job to agents. Choose it to let an agent make and edit images by itself.",
    agentic: true,
    successes: { "200": { description: "A message of the protocol." } },
    errors: ["400", "401", "403", "413", "415", "503"],
  },
  {
    operationId: "TestConnection",
    method: "get",
    path: "/connection",
    summary: "Test the connection",
    description: "Tells whose key this is. Works as well when a quota is used up.",
    visibility: "internal",
    successes: { "200": { description: "The key is known.", schema: connectionReply } },
    errors: ["401", "403"],
  },
];
