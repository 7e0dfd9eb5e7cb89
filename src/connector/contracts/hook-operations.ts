import * as z from "zod";
import { imageJob, imageOutcome } from "./schemas.ts";
import { editImageAndWaitBody, generateImageAndWaitBody, imageHookBody } from "./hooks.ts";
import { id, once, type Operation, submitErrors, type Success } from "./operation.ts";

/** Operations that end with a callback, and the one that forgets it. Their paths hold a POST alone: designers take any other
 * operation there for a part of the hook. */

const hooked: Success = {
  description:
    "The job as it was accepted. The callback is forgotten, and the job ended, by DELETE of Location.",
  schema: imageJob,
  hooked: true,
};
const ended = { description: "The job as it ended.", schema: imageOutcome };

export const generateImageAndWait: Operation = {
  operationId: "GenerateImageAndWait",
  method: "post",
  path: "/images/generations/callback",
  summary: "Generate images and wait",
  description:
    "Makes images from a prompt and goes on when it is called back, with images or with Status and Error. Choose it for long jobs, and where many run at once.",
  notification: ended,
  headers: once,
  body: { schema: generateImageAndWaitBody, required: true },
  successes: { "201": hooked },
  errors: [...submitErrors, "409", "410"],
};

export const editImageAndWait: Operation = {
  operationId: "EditImageAndWait",
  method: "post",
  path: "/images/edits/callback",
  summary: "Edit images and wait",
  description:
    "Makes new images from a file (or several) and a prompt, and goes on when it is called back, with images or with Status and Error. Choose it for long edits, and where many run at once.",
  notification: ended,
  headers: once,
  body: { schema: editImageAndWaitBody, required: true },
  successes: { "201": hooked },
  errors: [...submitErrors, "404", "409", "410"],
};

export const whenImageIsReady: Operation = {
  operationId: "WhenImageIsReady",
  method: "post",
  path: "/hooks/images",
  summary: "When an image is ready",
  description:
    "Starts a run as soon as a job of yours has ended, once for each job, with its images. Choose it to react to whole jobs, and to those that failed.",
  visibility: "important",
  trigger: { kind: "single", hint: "To see it work now, generate an image." },
  notification: ended,
  body: { schema: imageHookBody, required: true },
  successes: {
    "201": { description: "The callback is known. It is forgotten by DELETE of Location.", hooked: true },
  },
  errors: ["400", "401", "403", "409", "413", "415", "503"],
};

export const deleteImageHook: Operation = {
  operationId: "DeleteImageHook",
  method: "delete",
  path: "/hooks/images/{hookId}",
  summary: "Delete an image hook",
  description: "Forgets a callback, and ends the job that was made for it alone.",
  visibility: "internal",
  keyless: true,
  inPath: z.object({
    hookId: id("Hook ID", "The hook, by the ID in the address that its subscription told."),
  }),
  successes: { "204": { description: "The callback is forgotten, now or since long." } },
  errors: ["404", "503"],
};
