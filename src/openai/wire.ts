import * as z from "zod";

/**
 * What the service sends, read leniently: only what Darkroom uses is named, unknown fields are ignored, and both result
 * shapes of DALL-E 2 fit. Sources: the seeds' sample bodies, azure-rest-api-specs inference examples, live captures.
 */

const severity = z.looseObject({ filtered: z.boolean().optional() });
const filterResults = z.record(z.string(), severity.or(z.unknown()));

const inner = z.looseObject({
  code: z.string().nullish(),
  content_filter_results: filterResults.nullish(),
});

export const wireError = z.looseObject({
  code: z.union([z.string(), z.number()]).nullish(),
  type: z.string().nullish(),
  param: z.string().nullish(),
  message: z.string().nullish(),
  inner_error: inner.nullish(),
  innererror: inner.nullish(),
});
export type WireError = z.infer<typeof wireError>;

const item = z.looseObject({
  url: z.string().nullish(),
  b64_json: z.string().nullish(),
  revised_prompt: z.string().nullish(),
  error: wireError.nullish(),
});
export type WireItem = z.infer<typeof item>;

const usage = z.looseObject({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  total_tokens: z.number().nullish(),
});
export type WireUsage = z.infer<typeof usage>;

/** Reply of a synchronous generation. A 200 may hold an error, and `data` may be missing or empty. */
export const wireReply = z.looseObject({
  data: z.array(item).nullish(),
  error: wireError.nullish(),
  usage: usage.nullish().catch(undefined),
});

/** A DALL-E 2 operation: images under `result.data` (shape A) or `data` (shape B, mixing links and errors). */
export const wireOperation = z.looseObject({
  status: z.string(),
  result: z.looseObject({ data: z.array(item).nullish() }).nullish(),
  data: z.array(item).nullish(),
  error: wireError.nullish(),
});
