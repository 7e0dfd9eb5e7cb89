import * as z from "zod";

/** What agents give to the tools, in the words that models write: flat, in snake_case, few fields. */

const common = {
  prompt: z.string().describe("What to draw, in words."),
  deployment: z
    .string()
    .max(64)
    .optional()
    .describe("A deployment of list_models. Left out, the first that can do all that is asked."),
  n: z.int().min(1).max(10).optional().describe("How many images to make, 1 to 10. Default 1."),
  size: z
    .string()
    .max(64)
    .optional()
    .describe("Width and height in pixels, such as 1024x1024; list_models has those of each deployment."),
  quality: z.string().max(64).optional().describe("How finely it is drawn, such as low or high."),
  background: z.string().max(64).optional().describe("transparent, opaque or auto, where the model can."),
  output_format: z.string().max(64).optional().describe("png or jpeg, where the model has a choice."),
};
const waitSeconds = z
  .int()
  .min(0)
  .max(200)
  .optional()
  .describe("How many seconds to wait for the job's end, 0 to 200. Default 50. The job goes on after that.");
const jobId = z.string().describe("The job_id of an earlier result.");

export const generateInput = z.strictObject({
  ...common,
  style: z.string().max(64).optional().describe("vivid or natural, where the model can."),
  wait_seconds: waitSeconds,
});

export const editInput = z.strictObject({
  ...common,
  images: z
    .array(z.string().min(1).max(2_048))
    .min(1)
    .max(16)
    .describe(
      "The images to edit, 1 to 16: each an image_id of an earlier result, or a public https address.",
    ),
  wait_seconds: waitSeconds,
});

export const getJobInput = z.strictObject({ job_id: jobId, wait_seconds: waitSeconds });
export const cancelInput = z.strictObject({ job_id: jobId });
export const listModelsInput = z.strictObject({});
