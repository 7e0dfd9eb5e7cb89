import * as z from "zod";
import { filterResults, usage } from "../../contracts/http-api.ts";
import { editParams, generationRequest } from "../../contracts/requests.ts";

/** What OpenAI's clients send and read. The handlers check and answer by these, and the document is made of them. */

export const responseFormats = ["url", "b64_json"] as const;
export type ResponseFormat = (typeof responseFormats)[number];

const anyFormat = {
  response_format: z.enum(responseFormats).optional().meta({
    description: "On every model. Default: url where the model knows both, else b64_json.",
  }),
};
// A webhook and a deployment are the core's own words. Tags and metadata are for those who look for the job later.
const ownWords = { deployment: true, webhook_url: true, webhook_events: true } as const;

export const generationBody = generationRequest
  .omit(ownWords)
  .extend(anyFormat)
  .meta({ id: "ImagesGenerate", description: "Body of POST images/generations." });

export const editBody = editParams.omit(ownWords).extend(anyFormat);
export const variationBody = editBody.partial({ prompt: true });

const file = z.string().meta({ format: "binary" });
const files = {
  image: z.union([file, z.array(file)]).meta({ description: "One file, or several as `image[]`." }),
  mask: file.optional(),
};
/** As documents show them; what arrives is read by read-multipart.ts. */
export const editForm = editBody.extend(files).meta({ id: "ImagesEdit" });
export const variationForm = variationBody.extend({ image: file }).meta({ id: "ImagesVariation" });

const imageEntry = z
  .strictObject({
    url: z.url().optional().meta({ description: "Needs no credentials, and tolerates them." }),
    b64_json: z.string().optional(),
    revised_prompt: z.string().optional(),
    content_filter_results: filterResults.optional(),
    prompt_filter_results: filterResults.optional(),
  })
  .meta({ id: "ImageEntry" });
export type ImageEntry = z.infer<typeof imageEntry>;

const settings = {
  size: z.string().optional(),
  quality: z.string().optional(),
  background: z.string().optional(),
  output_format: z.string().optional(),
};

export const imagesReply = z
  .strictObject({
    created: z.int(),
    data: z
      .array(imageEntry)
      .meta({ description: "Those that were made, which may be fewer than asked for." }),
    usage: usage.optional(),
    ...settings,
  })
  .meta({ id: "ImagesReply" });
export type ImagesReply = z.infer<typeof imagesReply>;

/** Every client reads `message`; programs go by the status, some by `code`. */
const openAiError = z.strictObject({
  message: z.string(),
  type: z.string(),
  param: z.string().nullable(),
  code: z.string().nullable(),
});
export const errorReply = z.strictObject({ error: openAiError }).meta({ id: "Error" });
export type OpenAiErrorReply = z.infer<typeof errorReply>;

const b64 = { b64_json: z.string(), created_at: z.int(), ...settings };
const streamed = ["image_generation", "image_edit"] as const;
const named = (event: string) => z.enum(streamed.map((subject) => `${subject}.${event}`));

/** The data of a stream's messages; `event` repeats `type`. */
export const streamEvent = z
  .union([
    z.strictObject({ type: named("partial_image"), partial_image_index: z.int(), ...b64 }),
    z.strictObject({ type: named("completed"), usage: usage.optional(), ...b64 }),
    z.strictObject({ type: z.literal("error"), error: openAiError.loose() }),
  ])
  .meta({ id: "StreamEvent" });

export const model = z
  .strictObject({
    id: z.string(),
    object: z.literal("model"),
    created: z.int(),
    owned_by: z.string(),
  })
  .meta({ id: "Model" });

export const modelList = z
  .strictObject({ object: z.literal("list"), data: z.array(model) })
  .meta({ id: "ModelList" });
