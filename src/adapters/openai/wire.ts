import * as z from "zod";

/**
 * What the service sends, read leniently: only what Darkroom uses is named, unknown fields are ignored, and both result
 * shapes of DALL-E 2 fit. Sources: the seeds' sample bodies, azure-rest-api-specs inference examples, live captures.
 */

const severity = z.looseObject({ filtered: z.boolean().optional() });
const filterResults = z.record(z.string(), severity.or(z.unknown()));

// A field that isn't what it was said to be counts as absent: it must not hide a refusal, nor lose a paid image.
const inner = z.looseObject({
  code: z.string().nullish().catch(undefined),
  content_filter_results: filterResults.nullish().catch(undefined),
});

export const wireError = z.looseObject({
  code: z.union([z.string(), z.number()]).nullish().catch(undefined),
  message: z.string().nullish().catch(undefined),
  type: z.string().nullish().catch(undefined),
  status: z.union([z.string(), z.number()]).nullish().catch(undefined),
  inner_error: inner.nullish().catch(undefined),
  innererror: inner.nullish().catch(undefined),
});
export type WireError = z.infer<typeof wireError>;

const item = z.looseObject({
  url: z.string().nullish().catch(undefined),
  b64_json: z.string().nullish().catch(undefined),
  revised_prompt: z.string().nullish().catch(undefined),
  error: wireError.nullish().catch(undefined),
});

const tokenDetails = z
  .looseObject({ text_tokens: z.number().nullish(), image_tokens: z.number().nullish() })
  .nullish()
  .catch(undefined);

const usage = z.looseObject({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  total_tokens: z.number().nullish(),
  input_tokens_details: tokenDetails,
  output_tokens_details: tokenDetails,
});
export type WireUsage = z.infer<typeof usage>;

/**
 * One event of a stream: a partial image, the last one with its usage, or an error, which may stand under `error` or be
 * the whole event.
 */
export const wireEvent = item.extend({
  type: z.string().nullish().catch(undefined),
  partial_image_index: z.int().min(0).nullish().catch(undefined),
  usage: usage.nullish().catch(undefined),
});
export type WireEvent = z.infer<typeof wireEvent>;

const items = z.array(item.catch({})).nullish().catch(undefined);

/**
 * A DALL-E 2 operation, or the answer that submits one: images under `result.data` (shape A) or `data` (shape B, mixing
 * links and errors). `error` is read by `readErrorBody`.
 */
export const wireOperation = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish().catch(undefined),
  status: z.string().nullish().catch(undefined),
  result: z.looseObject({ data: items }).nullish().catch(undefined),
  data: items,
  error: z.unknown().optional(),
});
export type WireOperation = z.infer<typeof wireOperation>;
