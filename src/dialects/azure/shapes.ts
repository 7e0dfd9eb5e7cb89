import * as z from "zod";
import { filterResults } from "../../contracts/http-api.ts";
import { generationRequest } from "../../contracts/requests.ts";
import { imagesReply } from "../openai/shapes.ts";

/** What Azure's clients send and read beyond what OpenAI's do. */

// A default of 256 x 256 was the preview's; nobody relies on so small a picture.
export const submitBody = generationRequest
  .pick({ prompt: true, n: true, size: true, user: true })
  .extend({ response_format: z.literal("url").optional() })
  .meta({ id: "OperationSubmit" });

const filters = {
  content_filter_results: filterResults.optional(),
  prompt_filter_results: filterResults.optional(),
};

export const azureErrorReply = z
  .strictObject({
    error: z.strictObject({
      code: z.string().nullable(),
      message: z.string(),
      param: z.string().nullish(),
      type: z.string().optional(),
      inner_error: z.strictObject({ code: z.string(), ...filters }).optional(),
    }),
  })
  .meta({ id: "AzureError" });
export type AzureErrorReply = z.infer<typeof azureErrorReply>;

const operationError = z.strictObject({ code: z.string(), message: z.string(), ...filters });
const operationStatus = z.enum(["notRunning", "running", "succeeded", "failed", "canceled"]);

export const submitted = z
  .strictObject({ id: z.string(), status: operationStatus })
  .meta({ id: "OperationSubmitted" });

export const operation = z
  .strictObject({
    id: z.string().meta({ description: "The job's id." }),
    status: operationStatus,
    created: z.int(),
    expires: z.int(),
    result: z
      .strictObject({
        created: z.int(),
        data: z.array(z.union([imagesReply.shape.data.element, z.strictObject({ error: operationError })])),
      })
      .optional(),
    error: operationError.optional(),
  })
  .meta({ id: "Operation" });
export type Operation = z.infer<typeof operation>;
